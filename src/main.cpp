#include "chokepoint/app/program.hpp"
#include "chokepoint/support/memory.hpp"

int main(int argument_count, char** arguments)
{
    chokepoint::keep_freed_memory();
    return chokepoint::run_program(argument_count, arguments);
}
