#include "file_kind.hpp"

#include <fmt/format.h>

#include "messages.hpp"

namespace chokepoint {
namespace {

struct KindText {
    const char* name;
    const char* use;  ///< What is done with a file of this kind.
};

KindText text_of(FileKind kind)
{
    switch (kind) {
        case FileKind::scenario:
            return {"scenario", "chokepoint run FILE"};
        case FileKind::policy:
            return {"policy", "chokepoint run SCENARIO --policy FILE"};
        case FileKind::portfolio:
            return {"portfolio", "chokepoint run SCENARIO --portfolio FILE"};
        case FileKind::experiment:
            return {"experiment", "chokepoint experiment FILE"};
    }
    return {"file", ""};
}

const char* article(FileKind kind)
{
    return kind == FileKind::experiment ? "an" : "a";
}

}  // namespace

FileKind kind_of(const YamlNode& root)
{
    if (root.find("experiment") != nullptr || root.find("vary") != nullptr) {
        return FileKind::experiment;  // which may name a portfolio
    }
    if (root.find("portfolio") != nullptr || root.find("positions") != nullptr) {
        return FileKind::portfolio;
    }
    if (root.find("policy") != nullptr || root.find("levers") != nullptr) {
        return FileKind::policy;
    }
    return FileKind::scenario;
}

bool check_kind(const YamlNode& root, FileKind kind, Diagnostics& problems)
{
    const char* const name = text_of(kind).name;
    if (root.kind == YamlNode::Kind::empty) {
        problems.error(
            root.place, "",
            fmt::format("the file is empty (it must hold {} {})", article(kind), name));
        return false;
    }
    if (!root.is_map()) {
        problems.error(
            root.place, "",
            fmt::format("{} {} must be a map (got {})", article(kind), name, found(root)));
        return false;
    }
    const FileKind other = kind_of(root);
    const bool is_told = other != FileKind::scenario || root.find("commodities") != nullptr;
    if (other != kind && is_told) {
        problems.error(root.place, "",
                       fmt::format("must be {} {} (it is {} {})", article(kind), name,
                                   article(other), text_of(other).name),
                       fmt::format("{} is used by {}",
                                   article(other) + std::string(" ") + text_of(other).name,
                                   text_of(other).use));
        return false;
    }
    return true;
}

}  // namespace chokepoint
