#pragma once

#include <map>
#include <string>

namespace cloudsign::verify {

// What somebody without a key can do to a file.
struct Increment {
    std::map<int, std::string> objects;   // by number, of generation 0: their bodies
    std::string trailer = "/Root 1 0 R";  // further keys of it
    std::map<int, std::string> freed;     // their values are not looked at
};

// `pdf`, which ends in a table, with an update behind it (ISO 32000-2 §7.5.6).
std::string updated(const std::string& pdf, const Increment& increment);

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
