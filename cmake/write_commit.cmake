# Writes OUTPUT, a header with the commit of SOURCE_DIR: twelve digits, then "-dirty" if a tracked
# file has been changed, or "unknown" without git or outside a checkout of our own.
# Run as: cmake -DGIT=... -DSOURCE_DIR=... -DOUTPUT=... -P write_commit.cmake

function(git_says output)
    # The checkout may belong to someone else, and looking at it must not write to it.
    execute_process(
        COMMAND ${CMAKE_COMMAND} -E env GIT_OPTIONAL_LOCKS=0
            "${GIT}" -c "safe.directory=${SOURCE_DIR}" ${ARGN}
        WORKING_DIRECTORY "${SOURCE_DIR}"
        RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(NOT status EQUAL 0)
        set(text "")
    endif()
    set(${output} "${text}" PARENT_SCOPE)
endfunction()

set(commit "unknown")
if(GIT)
    git_says(prefix rev-parse --show-prefix)
    git_says(described describe --always --dirty --abbrev=12 "--exclude=*")
    # A prefix means that the checkout around us is of another project.
    if(described AND prefix STREQUAL "")
        set(commit "${described}")
    endif()
endif()

file(CONFIGURE OUTPUT "${OUTPUT}" @ONLY CONTENT [[#pragma once

// Written by cmake/write_commit.cmake when it builds.
namespace chokepoint::build_facts {

inline constexpr char commit[] = "@commit@";

}  // namespace chokepoint::build_facts
]])
