#pragma once

namespace chokepoint {

/// What the program is, above the list of its commands.
extern const char* const about;

// What help says below the options of a command: examples, and what a user has to know.

extern const char* const main_examples;
extern const char* const run_examples;
extern const char* const experiment_examples;
extern const char* const merge_examples;
extern const char* const compare_examples;
extern const char* const attribute_examples;
extern const char* const stress_examples;
extern const char* const hindcast_examples;
extern const char* const validate_examples;
extern const char* const explain_examples;
extern const char* const replay_examples;
extern const char* const report_examples;
extern const char* const diff_examples;
extern const char* const list_examples;

}  // namespace chokepoint
