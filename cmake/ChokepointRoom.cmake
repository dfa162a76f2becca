# chokepoint_room(<name> [COLD] [LINK <targets>...])
#
# Declares one room: the sources below src/<name>, with the headers in include/chokepoint/<name>.
# A room links every room declared before it, so declaration order is include order. A room of
# headers alone becomes an interface library. COLD: nothing in it takes a run's time, so that it is
# optimised little, and built several files at a time where CMAKE_UNITY_BUILD asks for that: half
# the time. (So names at file scope differ from file to file of such a room.)

set(CHOKEPOINT_ROOMS "" CACHE INTERNAL "rooms in walking order")

function(chokepoint_room name)
    cmake_parse_arguments(ROOM "COLD" "" "LINK" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/${name}/*.cpp")
    set(target chokepoint_${name})
    if(sources)
        set(scope PUBLIC)
        add_library(${target} STATIC ${sources})
        target_link_libraries(${target} PRIVATE chokepoint_settings)
        if(ROOM_COLD)
            target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
        else()
            set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
        endif()
    else()
        set(scope INTERFACE)
        add_library(${target} INTERFACE)
    endif()
    list(TRANSFORM CHOKEPOINT_ROOMS PREPEND chokepoint_ OUTPUT_VARIABLE rooms_above)
    list(REVERSE rooms_above)
    target_include_directories(${target} ${scope} "${PROJECT_SOURCE_DIR}/include")
    target_link_libraries(${target} ${scope} ${rooms_above} ${ROOM_LINK})
    set(CHOKEPOINT_ROOMS ${CHOKEPOINT_ROOMS} ${name} CACHE INTERNAL "rooms in walking order")
endfunction()
