# chokepoint_version(<target>)
#
# Gives the target two generated headers: build_facts.hpp, known at configure time, and
# build_commit.hpp, looked up at every build and rewritten only when the commit has changed.

function(chokepoint_version target)
    set(folder "${PROJECT_BINARY_DIR}/generated")
    configure_file("${PROJECT_SOURCE_DIR}/cmake/build_facts.hpp.in" "${folder}/build_facts.hpp"
                   @ONLY)
    find_program(CHOKEPOINT_GIT git)
    add_custom_target(chokepoint_commit
        COMMAND ${CMAKE_COMMAND}
            "-DGIT=${CHOKEPOINT_GIT}"
            "-DSOURCE_DIR=${PROJECT_SOURCE_DIR}"
            "-DOUTPUT=${folder}/build_commit.hpp"
            -P "${PROJECT_SOURCE_DIR}/cmake/write_commit.cmake"
        BYPRODUCTS "${folder}/build_commit.hpp"
        COMMENT "Looking up the commit"
        VERBATIM)
    add_dependencies(${target} chokepoint_commit)
    target_include_directories(${target} PRIVATE "${folder}")
endfunction()
