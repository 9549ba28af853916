#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "cloudsign/document/pdf_file.h"

// The objects of a PDF as a graph, and what differs between two revisions of one.
namespace cloudsign::revision {

// One object's reference to another: who has it, and under which key of theirs. `top` and `last`
// are the first and the last key on the way within the owner; the trailer is owner 0.
struct Edge {
    QPDFObjGen owner;
    std::string top;
    std::string last;

    bool operator<(const Edge& other) const {
        return std::tie(owner, top, last) < std::tie(other.owner, other.top, other.last);
    }
};
using Edges = std::map<QPDFObjGen, std::set<Edge>>;

// A dictionary's entries as they are written, references not followed; a stream's are its
// dictionary's.
using Entries = std::map<std::string, std::string>;
Entries entries_of(QPDFObjectHandle object);
// The keys under which two differ.
std::set<std::string> differing_keys(QPDFObjectHandle before, QPDFObjectHandle after);

struct Difference {
    std::set<QPDFObjGen> changed;
    std::set<QPDFObjGen> added;
    std::set<QPDFObjGen> removed;

    bool concerns(QPDFObjGen id) const { return changed.contains(id) || added.contains(id); }
};
// By where objects lie; what was only written again is no difference.
Difference difference(document::PdfFile& before, document::PdfFile& after);

// Every reference to one of `watched` that can be reached from the trailer. Throws
// std::runtime_error beyond 5,000,000 values, and when one names an object by another generation
// than it has: to some readers it leads nowhere, others go by the number.
Edges edges_to(document::PdfFile& file, const std::set<QPDFObjGen>& watched);

// In order. Throws std::runtime_error when the page tree is no tree, or of more than 200,000 nodes.
std::vector<QPDFObjectHandle> pages_of(document::PdfFile& file);

}  // namespace cloudsign::revision
