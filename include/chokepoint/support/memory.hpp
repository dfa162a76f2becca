#pragma once

namespace chokepoint {

/// Makes the process keep memory that it frees, for what it needs next: fetching large arrays
/// from the system anew, page by page, for each of thousands of columns takes longer than all
/// that is done with them. Without effect where the C library knows no such wish.
void keep_freed_memory();

}  // namespace chokepoint
