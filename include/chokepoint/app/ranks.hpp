#pragma once

namespace chokepoint {

/// The processes that `mpirun` started together, if it did; else this one alone, and nothing
/// that is asked of them costs anything. One object in a process. If it goes because of an
/// exception, MPI is left as it is: `mpirun` then ends the other ranks.
class Ranks {
public:
    Ranks();
    ~Ranks();
    Ranks(const Ranks&) = delete;
    Ranks& operator=(const Ranks&) = delete;

    int rank() const { return rank_; }
    int count() const { return count_; }
    bool is_first() const { return rank_ == 0; }

    /// Waits until all ranks are here. \returns Whether `holds` is true in all of them.
    bool all(bool holds) const;

private:
    int rank_ = 0, count_ = 1;
    bool is_started_ = false;
};

/// Whether this program was built with MPI.
bool knows_mpi();

/// How many processes `mpirun` or `srun` started together with this one, as the environment
/// says; 1 if none did.
int ranks_in_environment();

}  // namespace chokepoint
