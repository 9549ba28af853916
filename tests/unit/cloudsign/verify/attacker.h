#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cloudsign::verify {

// What somebody without a key can do to a file.
struct Increment {
    std::map<int, std::string> objects;   // by number, of generation 0: their bodies
    std::string trailer = "/Root 1 0 R";  // further keys of it
    std::map<int, std::string> freed;     // their values are not looked at
};

// `pdf`, which ends in a table, with an update behind it (ISO 32000-2 §7.5.6).
std::string updated(const std::string& pdf, const Increment& increment);

// A row of a cross-reference section, and what stands in the file for it.
struct Placed {
    int number = 0;
    int generation = 0;
    std::string body{};                   // empty: nothing is written
    std::string head{};                   // "3 0 obj"; empty: as the row says
    std::optional<std::size_t> offset{};  // where the row is to say another one
    bool is_free = false;
    std::optional<int> index{};  // it is in object stream `generation`, as this one
};

enum class Form { table, stream };

struct Section {
    std::vector<Placed> rows{};
    Form form = Form::table;
    std::string trailer = "/Root 1 0 R";    // further keys of it
    std::optional<std::size_t> previous{};  // /Prev, where it is to be another one
    std::optional<std::size_t> start{};     // startxref, likewise
    std::string before{};                   // in front of the objects
    std::string between{};                  // behind them, in front of the section
};

// `pdf` with that behind it, whatever sense it makes.
std::string appended(const std::string& pdf, const Section& section);

// The number behind the last "startxref".
std::size_t last_start(const std::string& pdf);

// An object stream's body: pairs of number and value, as they are to stand in it.
std::string packed(const std::vector<std::pair<int, std::string>>& objects,
                   const std::string& extra = "");

// A stream object's body.
std::string stream_of(const std::string& content, const std::string& extra = "");

// `text` with its last `from` replaced.
std::string with_last(std::string text, const std::string& from, const std::string& to);

// Of the signature behind `from`: where "<" of /Contents stands, and one past ">".
struct Hole {
    std::size_t begin = 0;
    std::size_t end = 0;
};
Hole last_hole(const std::string& pdf);

// The body of the object that is the last signature dictionary.
std::string last_signature_body(const std::string& pdf);
int last_signature_number(const std::string& pdf);

}  // namespace cloudsign::verify
