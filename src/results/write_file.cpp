#include "chokepoint/results/write_file.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

namespace chokepoint {
namespace {

[[noreturn]] void fail(const std::filesystem::path& file, int reason)
{
    throw WriteError(fmt::format("{}: cannot be written ({})", file.string(),
                                 std::generic_category().message(reason)));
}

/// An open file under its hidden name; removed unless `rename_to` succeeds.
class HalfWrittenFile {
public:
    explicit HalfWrittenFile(const std::filesystem::path& file)
        : file_(file),
          hidden_(file.parent_path() / fmt::format(".{}.part", file.filename().string()))
    {
        descriptor_ = ::open(hidden_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (descriptor_ < 0) {
            fail(file_, errno);
        }
    }
    HalfWrittenFile(const HalfWrittenFile&) = delete;
    HalfWrittenFile& operator=(const HalfWrittenFile&) = delete;

    ~HalfWrittenFile()
    {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
        if (!finished_) {
            ::unlink(hidden_.c_str());
        }
    }

    void write(std::string_view content)
    {
        while (!content.empty()) {
            const ssize_t written = ::write(descriptor_, content.data(), content.size());
            if (written < 0 && errno != EINTR) {
                fail(file_, errno);
            }
            if (written > 0) {
                content.remove_prefix(static_cast<std::size_t>(written));
            }
        }
    }

    void finish()
    {
        if (::fsync(descriptor_) != 0) {
            fail(file_, errno);
        }
        const int descriptor = descriptor_;
        descriptor_ = -1;
        if (::close(descriptor) != 0 || ::rename(hidden_.c_str(), file_.c_str()) != 0) {
            fail(file_, errno);
        }
        finished_ = true;
    }

private:
    std::filesystem::path file_, hidden_;
    int descriptor_ = -1;
    bool finished_ = false;
};

}  // namespace

void write_file(const std::filesystem::path& file, std::string_view content)
{
    HalfWrittenFile half_written(file);
    half_written.write(content);
    half_written.finish();
}

std::string sha256(std::string_view bytes)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr)
        != 1) {
        throw std::logic_error("sha256: the library refused to compute a digest");
    }
    std::string text;
    for (unsigned position = 0; position < length; ++position) {
        text += fmt::format("{:02x}", digest[position]);
    }
    return text;
}

}  // namespace chokepoint
