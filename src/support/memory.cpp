#include "chokepoint/support/memory.hpp"

#include <cstdlib>  // tells which C library it is

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace chokepoint {

void keep_freed_memory()
{
#if defined(__GLIBC__)
    constexpr int large = 1 << 30;
    mallopt(M_MMAP_THRESHOLD, large);
    mallopt(M_TRIM_THRESHOLD, large);
#endif
}

}  // namespace chokepoint
