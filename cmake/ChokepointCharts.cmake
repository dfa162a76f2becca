# chokepoint_charts(<target>)
#
# Builds what pages need into the target: style, script and, where npm can get it, the library that
# draws charts (charts/package.json). Without npm pages have tables and text alone.

option(CHOKEPOINT_CHARTS "Draw charts in report.html (needs npm once, to get their library)" ON)

function(chokepoint_charts target)
    set(folder "${PROJECT_BINARY_DIR}/charts")
    set(CHART_LIBRARY "${folder}/library.js")
    find_program(CHOKEPOINT_NPM npm)
    if(CHOKEPOINT_CHARTS AND CHOKEPOINT_NPM)
        file(SHA256 "${PROJECT_SOURCE_DIR}/charts/package-lock.json" lock)
        set(known "")
        if(EXISTS "${folder}/lock.sha256")
            file(READ "${folder}/lock.sha256" known)
        endif()
        if(NOT known STREQUAL lock)
            message(STATUS "Charts: getting their library (npm ci)")
            file(COPY "${PROJECT_SOURCE_DIR}/charts/package.json"
                 "${PROJECT_SOURCE_DIR}/charts/package-lock.json"
                 "${PROJECT_SOURCE_DIR}/charts/.npmrc" DESTINATION "${folder}")
            execute_process(COMMAND "${CHOKEPOINT_NPM}" ci --ignore-scripts
                WORKING_DIRECTORY "${folder}" RESULT_VARIABLE status
                OUTPUT_QUIET ERROR_VARIABLE problem TIMEOUT 300)
            if(status EQUAL 0)
                set(text "")
                foreach(name IN ITEMS vega vega-lite vega-embed)
                    file(READ "${folder}/node_modules/${name}/build/${name}.min.js" part)
                    string(APPEND text "${part}\n")
                endforeach()
                file(WRITE "${CHART_LIBRARY}" "${text}")
                file(WRITE "${folder}/lock.sha256" "${lock}")
            else()
                message(STATUS "Charts: left out, npm ci failed")
            endif()
        endif()
    else()
        message(STATUS "Charts: left out, there is no npm")
    endif()
    if(NOT EXISTS "${CHART_LIBRARY}")
        file(WRITE "${folder}/library.js" "")
    endif()
    chokepoint_embed(${target} page_style "${PROJECT_SOURCE_DIR}/src/report/page.css")
    chokepoint_embed(${target} page_script "${PROJECT_SOURCE_DIR}/src/report/page.js")
    chokepoint_embed(${target} chart_library "${CHART_LIBRARY}")
endfunction()
