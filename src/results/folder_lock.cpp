#include "chokepoint/results/folder_lock.hpp"

#include "chokepoint/results/write_file.hpp"

#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

namespace chokepoint {

FolderLock::FolderLock(const std::filesystem::path& folder)
    : descriptor_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))
{
    if (descriptor_ < 0 || ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0
        || errno != EWOULDBLOCK) {
        return;
    }
    ::close(descriptor_);
    throw OutputError(
        fmt::format("{}: another chokepoint is writing to it\n  hint: wait until it is done, "
                    "or choose another "
                    "folder with --out",
                    folder.string()));
}

FolderLock::~FolderLock()
{
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

}  // namespace chokepoint
