# Finds the NetCDF C library and the HDF5 C library below it; gives NetCDF::NetCDF and
# NetCDF_VERSION.

find_path(NetCDF_INCLUDE_DIR netcdf.h)
find_library(NetCDF_LIBRARY netcdf)
# Debian keeps serial and parallel HDF5 side by side.
find_path(NetCDF_HDF5_INCLUDE_DIR hdf5.h PATH_SUFFIXES hdf5/serial)
find_library(NetCDF_HDF5_LIBRARY NAMES hdf5_serial hdf5)
mark_as_advanced(NetCDF_INCLUDE_DIR NetCDF_LIBRARY NetCDF_HDF5_INCLUDE_DIR NetCDF_HDF5_LIBRARY)

if(EXISTS "${NetCDF_INCLUDE_DIR}/netcdf_meta.h")
    file(STRINGS "${NetCDF_INCLUDE_DIR}/netcdf_meta.h" line REGEX "#define NC_VERSION ")
    string(REGEX MATCH "[0-9][0-9.]*" NetCDF_VERSION "${line}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(NetCDF
    REQUIRED_VARS NetCDF_LIBRARY NetCDF_INCLUDE_DIR NetCDF_HDF5_LIBRARY NetCDF_HDF5_INCLUDE_DIR
    VERSION_VAR NetCDF_VERSION)

if(NetCDF_FOUND AND NOT TARGET NetCDF::NetCDF)
    add_library(NetCDF::NetCDF UNKNOWN IMPORTED)
    set_target_properties(NetCDF::NetCDF PROPERTIES
        IMPORTED_LOCATION "${NetCDF_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${NetCDF_INCLUDE_DIR};${NetCDF_HDF5_INCLUDE_DIR}"
        INTERFACE_LINK_LIBRARIES "${NetCDF_HDF5_LIBRARY}")
endif()
