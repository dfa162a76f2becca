#include "netcdf_file.hpp"

#include "chokepoint/results/write_file.hpp"

#include <cerrno>
#include <limits>
#include <system_error>

#include <fmt/format.h>
#include <hdf5.h>
#include <netcdf.h>

namespace chokepoint {
namespace {

static_assert(NetcdfFile::whole_file == NC_GLOBAL);

nc_type type_code(NetcdfFile::Type type)
{
    switch (type) {
        case NetcdfFile::Type::text:
            return NC_STRING;
        case NetcdfFile::Type::integer:
            return NC_INT64;
        case NetcdfFile::Type::number:
            return NC_DOUBLE;
    }
    throw std::logic_error("type_code: no such type");
}

/// Else HDF5 prints its errors. It takes this for the calling thread alone.
void keep_hdf5_silent()
{
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

}  // namespace

/// Calls the library and checks what it returns.
template <class... Parameters, class... Arguments>
void NetcdfFile::call(int (*function)(Parameters...), Arguments... arguments)
{
    keep_hdf5_silent();
    errno = 0;
    const int code = function(arguments...);
    if (code != NC_NOERR) {
        fail(code, errno);
    }
}

/// The library's own word for a full disk is "HDF error", so what the system said comes first.
void NetcdfFile::fail(int code, int system_code)
{
    is_open_ = false;
    remove();
    const std::string reason =
        system_code == 0 ? "" : std::generic_category().message(system_code) + "; ";
    throw WriteError(fmt::format("{}: cannot be written ({}NetCDF library: {})", file_.string(),
                                 reason, nc_strerror(code)));
}

NetcdfFile::NetcdfFile(std::filesystem::path file) : file_(std::move(file))
{
    // After a failed write HDF5 can neither close the file nor end in order: its own clean-up
    // at exit would crash the program. It has nothing to clean up where files are closed.
    H5dont_atexit();
    call(nc_create, hidden_path(file_).c_str(), NC_NETCDF4 | NC_CLOBBER, &id_);
    is_open_ = true;
}

NetcdfFile::~NetcdfFile()
{
    if (is_open_) {
        keep_hdf5_silent();
        nc_close(id_);
    }
    remove();
}

void NetcdfFile::remove() const
{
    std::error_code ignored;
    std::filesystem::remove(hidden_path(file_), ignored);
}

int NetcdfFile::add_dimension(const std::string& name, std::size_t length)
{
    int dimension = 0;
    call(nc_def_dim, id_, name.c_str(), length, &dimension);
    return dimension;
}

int NetcdfFile::add_growing_dimension(const std::string& name)
{
    return add_dimension(name, NC_UNLIMITED);
}

int NetcdfFile::add_variable(const std::string& name, Type type,
                             const std::vector<int>& dimensions,
                             const std::vector<std::size_t>& chunk)
{
    int variable = 0;
    call(nc_def_var, id_, name.c_str(), type_code(type), static_cast<int>(dimensions.size()),
         dimensions.data(), &variable);
    if (type == Type::number) {
        const double missing = std::numeric_limits<double>::quiet_NaN();
        call(nc_def_var_fill, id_, variable, NC_FILL, &missing);
    }
    if (!chunk.empty()) {
        call(nc_def_var_chunking, id_, variable, NC_CHUNKED, chunk.data());
        // A cache too small for any chunk: else 16 MB for each variable wait for the end.
        call(nc_set_var_chunk_cache, id_, variable, std::size_t{1}, std::size_t{1}, 0.0F);
    }
    return variable;
}

void NetcdfFile::set_attribute(int variable, const char* name, const std::string& text)
{
    call(nc_put_att_text, id_, variable, name, text.size(), text.data());
}

void NetcdfFile::set_attribute(int variable, const char* name, double number)
{
    call(nc_put_att_double, id_, variable, name, NC_DOUBLE, std::size_t{1}, &number);
}

void NetcdfFile::set_attribute(int variable, const char* name, std::uint64_t number)
{
    const unsigned long long same = number;
    call(nc_put_att_ulonglong, id_, variable, name, NC_UINT64, std::size_t{1}, &same);
}

void NetcdfFile::put(int variable, const std::vector<std::size_t>& start,
                     const std::vector<std::size_t>& count, const double* values)
{
    call(nc_put_vara_double, id_, variable, start.data(), count.data(), values);
}

void NetcdfFile::put(int variable, const std::vector<std::size_t>& start,
                     const std::vector<std::size_t>& count, const std::int64_t* values)
{
    // Through `void`, since the library knows the type by another name: NC_INT64 is ours.
    call(nc_put_vara, id_, variable, start.data(), count.data(),
         static_cast<const void*>(values));
}

void NetcdfFile::put(int variable, const std::vector<std::string>& texts)
{
    std::vector<const char*> pointers;
    for (const std::string& text : texts) {
        pointers.push_back(text.c_str());
    }
    call(nc_put_var_string, id_, variable, pointers.data());
}

void NetcdfFile::close()
{
    is_open_ = false;
    call(nc_close, id_);
}

}  // namespace chokepoint
