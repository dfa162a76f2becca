#pragma once

#include <compare>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chokepoint {

/// The name of an input file. Everything read from a file keeps its place, so that copies share
/// one text.
class FileName {
public:
    FileName() = default;
    FileName(std::string name) : name_(std::make_shared<const std::string>(std::move(name))) {}
    FileName(const char* name) : FileName(std::string(name)) {}

    const std::string& text() const;

    bool operator==(const FileName& other) const
    {
        return name_ == other.name_ || text() == other.text();
    }
    std::strong_ordering operator<=>(const FileName& other) const
    {
        return text() <=> other.text();
    }

private:
    std::shared_ptr<const std::string> name_;  ///< Null for the empty name.
};

/// A place in an input file. Lines and columns count from 1; columns count bytes. Line 0 means
/// "the file as a whole". A file name in angle brackets, such as `<--set 1>`, is not a file on
/// disk.
struct Place {
    FileName file;
    int line = 0;
    int column = 0;

    auto operator<=>(const Place&) const = default;
};

enum class Severity { error, warning };

/// One problem of an input file, in the words of docs/scenario-format.md:
/// `<file>:<line>:<column>: error: <key path>: <problem> (<what was found, or what is
/// allowed>)`.
struct Diagnostic {
    Severity severity = Severity::error;
    Place place;
    std::string key_path;  ///< e.g. `facilities.bayan_obo.capacity_t_per_year`; may be empty.
    std::string problem;   ///< Lower case, no full stop, with the reason in brackets.
    /// The line the place points into; empty if there is none, or if it is very long.
    std::string source_line = {};
    std::string hint = {};  ///< What to do; may be empty.
};

/// The diagnostic as printed: the message line, the source line with a caret (cut to 100
/// columns around the place, tabs and control bytes shown as spaces), the hint. No newline at
/// the end.
std::string to_string(const Diagnostic& diagnostic);

/// Collects the problems of one or more files, to be thrown together.
class Diagnostics {
public:
    void error(Place place, std::string key_path, std::string problem, std::string hint = {});
    void warning(Place place, std::string key_path, std::string problem, std::string hint = {});

    bool has_errors() const;
    /// All problems, sorted by place (file order of first appearance, then line, then column).
    std::vector<Diagnostic> sorted() const;

    /// Makes the text of a file known, so that its lines can be quoted.
    void add_source(std::string file, std::string text);

private:
    struct Source {
        std::string file;
        std::string text;
    };
    void add(Severity severity, Place place, std::string key_path, std::string problem,
             std::string hint);

    std::vector<Diagnostic> diagnostics_;
    std::vector<Source> sources_;
};

/// The user's fault: one or more problems in input files. Never means a bug.
class InputError : public std::runtime_error {
public:
    /// \param problems  At least one; `what()` is all of them as printed, one below the other.
    explicit InputError(std::vector<Diagnostic> problems);

    const std::vector<Diagnostic>& problems() const { return problems_; }

private:
    std::vector<Diagnostic> problems_;
};

/// The user's fault: a file that cannot be opened or read.
class FileError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The candidate nearest to `name` by edit distance (Damerau-Levenshtein, case ignored), or an
/// empty string if none is near enough (more than a third of the letters differ).
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

/// ` (did you mean "x"?)` for the nearest name, else ` (<otherwise>)`, else nothing.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates,
                         std::string_view otherwise = {});

}  // namespace chokepoint
