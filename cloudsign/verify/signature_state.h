#pragma once

#include "cloudsign/verify/report.h"

namespace cloudsign::verify {

// The states by which Vietnam's signing tool names bad signing, letter by letter.
struct StateText {
    std::string_view name;
    std::string_view vietnamese;
    std::string_view english;

    std::string_view words(Language language) const {
        return language == Language::vietnamese ? vietnamese : english;
    }
};
std::vector<StateText> states_of(const SignatureReport& signature);

// What a row of the tables says: the worst of its findings; without any it is passed, or not known
// when nothing came so far as to look.
struct RowVerdict {
    Verdict verdict = Verdict::valid;
    Findings findings;

    // In the words of what was found.
    std::string words(Language language) const;
};
RowVerdict row_of(const SignatureReport& signature, Row row);

}  // namespace cloudsign::verify
