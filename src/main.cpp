#include "chokepoint/app/program.hpp"

int main(int argument_count, char** arguments)
{
    return chokepoint::run_program(argument_count, arguments);
}
