#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace cloudsign::document {

// What becomes of a file that is to be signed.
enum class Fate { signed_, rewritten, refused };

struct CorpusFile {
    std::string name;
    std::string pdf;
    Fate fate = Fate::signed_;
    std::string words;  // of the refusal, or of the note on what was rewritten
    std::string field;  // to be signed in
};

inline void PrintTo(const CorpusFile& file, std::ostream* out) {
    *out << file.name;
}

// Files as the world writes them, one property each.
std::vector<CorpusFile> corpus();

}  // namespace cloudsign::document
