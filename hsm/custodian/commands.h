#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "hsm/custodian/custodian.h"

// What kyso-custodian does for each word of its command line. They write to standard output and to
// the files that the options name; secrets come from files or standard input.
namespace hsm::custodian {

constexpr int exit_done = 0;
constexpr int exit_refused = 1;  // the custodian should not, or the papers do not fit
constexpr int exit_usage = 2;    // the command line, or a file that it names

// Why not, in words, and with what exit code.
struct Failure {
    std::string text;
    int code = exit_refused;
};
template <class T>
using Outcome = Result<T, Failure>;

enum class Form { text, json };

struct Options {
    std::filesystem::path key;
    std::filesystem::path in;
    std::filesystem::path out;
    std::filesystem::path words;  // "-": standard input
    std::filesystem::path to;
    std::vector<std::string> roots;
    std::string assurance_class;
    std::vector<std::string> firmware;
    bool no_live_member = false;
    Form form = Form::text;
};

Outcome<void> keygen(const Options& options);
Outcome<void> show_public(const Options& options);
Outcome<void> sign_provision(const Options& options);
Outcome<void> sign_change(const Options& options);
Outcome<void> show_words(const Options& options);
Outcome<void> reseal(const Options& options);

}  // namespace hsm::custodian
