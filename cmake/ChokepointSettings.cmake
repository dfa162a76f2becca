# Compiler settings that every target shares.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release)
endif()

add_library(chokepoint_settings INTERFACE)
target_compile_options(chokepoint_settings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
    -Woverloaded-virtual -Wold-style-cast -Wcast-qual
    # No fused multiply-add behind our back: results are to be the same bits for every compiler.
    -ffp-contract=off
    # Neither of the two changes a value; the second lets g++ 12 turn branches into selects.
    -fno-math-errno -fno-trapping-math)
if(CMAKE_UNITY_BUILD)
    # What is shadowed may then be of another file.
    target_compile_options(chokepoint_settings INTERFACE -Wno-shadow)
endif()
if(CHOKEPOINT_ONE_INSTRUCTION_SET)
    target_compile_definitions(chokepoint_settings INTERFACE CHOKEPOINT_ONE_INSTRUCTION_SET)
endif()
if(CHOKEPOINT_WERROR)
    target_compile_options(chokepoint_settings INTERFACE -Werror)
endif()

find_program(CHOKEPOINT_CCACHE ccache)
if(CHOKEPOINT_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CHOKEPOINT_CCACHE}")
endif()
