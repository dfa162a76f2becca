#include "chokepoint/app/ranks.hpp"

#include <cstdlib>
#include <exception>

#ifdef CHOKEPOINT_HAS_MPI
#include <mpi.h>
#endif

namespace chokepoint {

int ranks_in_environment()
{
    for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}) {
        if (const char* size = std::getenv(name)) {
            return std::atoi(size);
        }
    }
    return 1;
}

#ifdef CHOKEPOINT_HAS_MPI

bool knows_mpi()
{
    return true;
}

/// Without mpirun, starting MPI would only take time.
Ranks::Ranks()
{
    if (ranks_in_environment() > 1) {
        // One thread talks to the other ranks; those of the run do not.
        int given = 0;
        MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &given);
        MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
        MPI_Comm_size(MPI_COMM_WORLD, &count_);
        is_started_ = true;
    }
}

Ranks::~Ranks()
{
    if (is_started_ && std::uncaught_exceptions() == 0) {
        MPI_Finalize();
    }
}

bool Ranks::all(bool holds) const
{
    int own = holds ? 1 : 0, least = own;
    if (is_started_) {
        MPI_Allreduce(&own, &least, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    }
    return least != 0;
}

#else

bool knows_mpi()
{
    return false;
}

Ranks::Ranks() = default;

Ranks::~Ranks() = default;

bool Ranks::all(bool holds) const
{
    return holds;
}

#endif

}  // namespace chokepoint
