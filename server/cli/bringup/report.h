#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

// What a bring-up finds, step by step: for the person at the bench while it goes on, and whole for
// the record.
namespace server::cli::bringup {

enum class Verdict { passed, failed, skipped };

struct Step {
    std::string name;  // "link.frames": what it is about, a dot, what of it
    Verdict verdict = Verdict::passed;
    std::string found;   // what was seen
    std::string remedy;  // what to do next, a line each; never empty when it failed
    boost::json::object figures{};
};

Step passed(std::string_view name, std::string found, boost::json::object figures = {});
Step failed(std::string_view name, std::string found, std::string remedy);
// Not tried, and what it would take; empty when nothing.
Step skipped(std::string_view name, std::string found, std::string remedy = {});

class Report {
public:
    // Each step is shown there as soon as it is known; null for nowhere.
    explicit Report(std::ostream* shown) : shown_(shown) {}

    // Whether the step did not fail.
    bool add(Step step);
    // What goes before the steps of the record: "board", "module" and so on.
    void set(std::string_view name, std::string_view value) {
        facts_[name] = boost::json::string(value);
    }
    void set(std::string_view name, std::uint64_t value) { facts_[name] = value; }

    bool all_passed() const;
    std::string conclusion() const;
    // What the whole amounts to when nothing failed.
    void conclude(std::string conclusion) { conclusion_ = std::move(conclusion); }

    std::string text() const;
    boost::json::object json() const;

private:
    std::size_t count(Verdict verdict) const;

    std::ostream* shown_;
    boost::json::object facts_;
    std::vector<Step> steps_;
    std::string conclusion_;
};

}  // namespace server::cli::bringup
