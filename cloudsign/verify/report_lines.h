#pragma once

#include "cloudsign/verify/report.h"

namespace cloudsign::verify {

enum class LineStyle { title, verdict, heading, row, note };

// A report as it is read, line by line: what a terminal shows and what is printed.
struct ReportLine {
    LineStyle style = LineStyle::row;
    std::string label;
    std::string text;
    std::optional<Verdict> verdict;  // of what the line says
    bool is_noted = false;           // it takes nothing from the verdict, but is to be read
};
std::vector<ReportLine> lines_of(const Report& report, Language language);

}  // namespace cloudsign::verify
