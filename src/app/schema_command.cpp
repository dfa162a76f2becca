#include "chokepoint/app/commands.hpp"

#include "chokepoint/app/console.hpp"
#include "chokepoint/scenario/json_schema.hpp"

namespace chokepoint {

ExitCode schema_command(const SchemaOptions& options)
{
    put_out(json_schema(options.kind));
    return ExitCode::done;
}

}  // namespace chokepoint
