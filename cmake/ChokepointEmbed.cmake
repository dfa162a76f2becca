# chokepoint_embed(<target> <name> <file>)
#
# Builds a file into the target: `std::string_view chokepoint::<name>()`, to be declared where it is
# used, gives its bytes.

function(chokepoint_embed target NAME FILE)
    set(source "${PROJECT_BINARY_DIR}/embedded/${NAME}.cpp")
    configure_file("${PROJECT_SOURCE_DIR}/cmake/embedded.cpp.in" "${source}" @ONLY)
    set_property(SOURCE "${source}" APPEND PROPERTY OBJECT_DEPENDS "${FILE}")
    target_sources(${target} PRIVATE "${source}")
endfunction()
