// Whatever a scenario file holds, it is read and means something, or is refused with an
// InputError; nothing else is thrown.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "chokepoint/model/model.hpp"
#include "chokepoint/scenario/read_scenario.hpp"
#include "chokepoint/support/diagnostic.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    using namespace chokepoint;
    const std::string text(bytes, bytes + size);
    try {
        std::vector<Diagnostic> warnings;
        build_model(read_scenario_text(text), warnings);
    } catch (const InputError&) {
    } catch (const FileError&) {  // that it extends
    }
    return 0;
}
