#include "server/cli/bringup/report.h"

#include <algorithm>
#include <ostream>
#include <sstream>

#include <boost/json.hpp>

#include "hsm/softphone/printable.h"

namespace server::cli::bringup {
namespace {

namespace json = boost::json;

std::string_view word_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::passed:
            return "ok";
        case Verdict::failed:
            return "FAIL";
        case Verdict::skipped:
            return "skip";
    }
    return "";
}

std::string padded(std::string_view text, std::size_t width) {
    return std::string(text) + std::string(text.size() < width ? width - text.size() : 1, ' ');
}

// What a board said may stand in it.
std::string line_of(const Step& step) {
    constexpr std::size_t verdict_width = 6;
    constexpr std::size_t name_width = 30;
    auto line = padded(word_of(step.verdict), verdict_width) + padded(step.name, name_width) +
                hsm::softphone::printable(step.found) + "\n";
    std::istringstream remedies(step.remedy);
    for (std::string remedy; std::getline(remedies, remedy);) {
        line += std::string(verdict_width, ' ') + "-> " + hsm::softphone::printable(remedy) + "\n";
    }
    return line;
}

std::string steps_text(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " step" : " steps");
}

}  // namespace

Step passed(std::string_view name, std::string found, json::object figures) {
    return {std::string(name), Verdict::passed, std::move(found), {}, std::move(figures)};
}

Step failed(std::string_view name, std::string found, std::string remedy) {
    return {std::string(name), Verdict::failed, std::move(found), std::move(remedy)};
}

Step skipped(std::string_view name, std::string found, std::string remedy) {
    return {std::string(name), Verdict::skipped, std::move(found), std::move(remedy)};
}

bool Report::add(Step step) {
    if (shown_ != nullptr) {
        *shown_ << line_of(step) << std::flush;
    }
    steps_.push_back(std::move(step));
    return steps_.back().verdict != Verdict::failed;
}

bool Report::all_passed() const {
    return count(Verdict::failed) == 0;
}

std::size_t Report::count(Verdict verdict) const {
    return static_cast<std::size_t>(std::ranges::count(steps_, verdict, &Step::verdict));
}

std::string Report::conclusion() const {
    if (const auto wrong = count(Verdict::failed); wrong != 0) {
        return steps_text(wrong) + " failed: do what stands below, then run this again";
    }
    const auto left_out = count(Verdict::skipped);
    return left_out == 0 ? conclusion_ : steps_text(left_out) + " skipped. " + conclusion_;
}

std::string Report::text() const {
    std::string text;
    for (const auto& [name, value] : facts_) {
        text += padded(name, 16) +
                hsm::softphone::printable(value.is_string() ? std::string(value.get_string())
                                                            : json::serialize(value)) +
                "\n";
    }
    text += "\n";
    for (const auto& step : steps_) {
        text += line_of(step);
    }
    return text + "\n" + conclusion() + "\n";
}

json::object Report::json() const {
    json::array steps;
    for (const auto& step : steps_) {
        json::object object{{"step", step.name},
                            {"verdict",
                             step.verdict == Verdict::failed   ? "failed"
                             : step.verdict == Verdict::passed ? "passed"
                                                               : "skipped"},
                            {"found", step.found}};
        if (!step.remedy.empty()) {
            object["remedy"] = step.remedy;
        }
        if (!step.figures.empty()) {
            object["figures"] = step.figures;
        }
        steps.push_back(std::move(object));
    }
    auto whole = facts_;
    whole["passed"] = all_passed();
    whole["conclusion"] = conclusion();
    whole["steps"] = std::move(steps);
    return whole;
}

}  // namespace server::cli::bringup
