#include "chokepoint/results/write_file.hpp"

#include <array>
#include <cerrno>
#include <memory>
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

[[noreturn]] void fail_to_read(const std::filesystem::path& file, int reason)
{
    throw WriteError(fmt::format("{}: cannot be read back ({})", file.string(),
                                 std::generic_category().message(reason)));
}

/// The descriptor of a file; below 0, with the reason in `errno`, if it cannot be opened.
class Descriptor {
public:
    Descriptor(const std::filesystem::path& file, int flags)
        : number_(::open(file.c_str(), flags | O_CLOEXEC))
    {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor()
    {
        if (number_ >= 0) {
            ::close(number_);
        }
    }

    int number() const { return number_; }

private:
    int number_;
};

/// A SHA-256 that takes its bytes piece by piece.
class Digest {
public:
    Digest() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free)
    {
        check(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr));
    }

    void add(std::string_view bytes)
    {
        check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
    }

    std::string text()
    {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        unsigned length = 0;
        check(EVP_DigestFinal_ex(context_.get(), digest.data(), &length));
        std::string text;
        for (unsigned position = 0; position < length; ++position) {
            text += fmt::format("{:02x}", digest[position]);
        }
        return text;
    }

private:
    static void check(int success)
    {
        if (success != 1) {
            throw std::logic_error("sha256: the library refused to compute a digest");
        }
    }

    std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

}  // namespace

GrowingFile::GrowingFile(const std::filesystem::path& file)
    : file_(file), hidden_(hidden_path(file))
{
    descriptor_ = ::open(hidden_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor_ < 0) {
        fail(file_, errno);
    }
}

GrowingFile::~GrowingFile()
{
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
    ::unlink(hidden_.c_str());
}

void GrowingFile::append(std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            fail(file_, errno);
        }
        if (written > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
    }
}

void GrowingFile::finish()
{
    const int descriptor = descriptor_;
    descriptor_ = -1;
    // A disk may show only now that it is full.
    const bool is_on_disk = ::fsync(descriptor) == 0;
    const int reason = errno;
    if (::close(descriptor) != 0) {
        fail(file_, errno);
    }
    if (!is_on_disk) {
        fail(file_, reason);
    }
}

void write_file(const std::filesystem::path& file, std::string_view content)
{
    GrowingFile growing(file);
    growing.append(content);
    growing.finish();
    reveal_file(file);
}

std::filesystem::path hidden_path(const std::filesystem::path& file)
{
    return file.parent_path() / fmt::format(".{}.part", file.filename().string());
}

void reveal_file(const std::filesystem::path& file)
{
    const std::filesystem::path hidden = hidden_path(file);
    const Descriptor descriptor(hidden, O_RDONLY);
    if (descriptor.number() < 0 || ::fsync(descriptor.number()) != 0
        || ::rename(hidden.c_str(), file.c_str()) != 0) {
        fail(file, errno);
    }
}

std::string sha256(std::string_view bytes)
{
    Digest digest;
    digest.add(bytes);
    return digest.text();
}

std::string sha256_of_file(const std::filesystem::path& file)
{
    constexpr std::size_t piece = 1 << 20;
    const Descriptor descriptor(file, O_RDONLY);
    if (descriptor.number() < 0) {
        fail_to_read(file, errno);
    }
    std::string bytes(piece, '\0');
    Digest digest;
    while (true) {
        const ssize_t length = ::read(descriptor.number(), bytes.data(), bytes.size());
        if (length < 0 && errno != EINTR) {
            fail_to_read(file, errno);
        }
        if (length == 0) {
            return digest.text();
        }
        if (length > 0) {
            digest.add(std::string_view(bytes).substr(0, static_cast<std::size_t>(length)));
        }
    }
}

}  // namespace chokepoint
