#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace chokepoint {

/// A NetCDF-4 file that is being written to its hidden path (`hidden_path`): first dimensions,
/// variables and attributes, then values. Removed on destruction unless someone has renamed it.
///
/// Every member throws WriteError if the library refuses what it is asked for. After that the
/// object can only be destroyed.
class NetcdfFile {
public:
    enum class Type { text, integer, number };

    static constexpr int whole_file = -1;  ///< The "variable" with the attributes of the file.

    /// \param file  What is there once it is renamed; messages name it.
    explicit NetcdfFile(std::filesystem::path file);
    NetcdfFile(const NetcdfFile&) = delete;
    NetcdfFile& operator=(const NetcdfFile&) = delete;
    ~NetcdfFile();

    int add_dimension(const std::string& name, std::size_t length);
    /// One whose length is that of the longest variable.
    int add_growing_dimension(const std::string& name);

    /// \param chunk  Shape of what is stored and read together. Needed with a growing
    /// dimension. Chunks without a value take no space; numbers that were not written are NaN.
    int add_variable(const std::string& name, Type type, const std::vector<int>& dimensions,
                     const std::vector<std::size_t>& chunk = {});

    void set_attribute(int variable, const char* name, const std::string& text);
    void set_attribute(int variable, const char* name, double number);
    void set_attribute(int variable, const char* name, std::uint64_t number);

    /// Writes a box of values that begins at `start` and is as large as `count`. Whole chunks
    /// go straight to the file.
    void put(int variable, const std::vector<std::size_t>& start,
             const std::vector<std::size_t>& count, const double* values);
    void put(int variable, const std::vector<std::size_t>& start,
             const std::vector<std::size_t>& count, const std::int64_t* values);
    /// Writes all of a variable of texts.
    void put(int variable, const std::vector<std::string>& texts);

    /// Hands what is left to the system; nothing can be written from now on.
    void close();

private:
    template <class... Parameters, class... Arguments>
    void call(int (*function)(Parameters...), Arguments... arguments);
    [[noreturn]] void fail(int code, int system_code);
    void remove() const;

    std::filesystem::path file_;
    int id_ = 0;
    bool is_open_ = false;
};

}  // namespace chokepoint
