#pragma once

#include <ostream>

#include "server/cli/bringup/bench.h"

namespace server::cli::bringup {

// Somebody beside the board, who is asked in words; or nobody.
class Person final : public Hands {
public:
    // Null: nobody.
    explicit Person(std::ostream* asked) : asked_(asked) {}

    bool present() const override { return asked_ != nullptr; }
    bool act(Act act) override {
        if (asked_ != nullptr) {
            *asked_ << "      >> " << words(act) << std::endl;
        }
        return asked_ != nullptr;
    }
    std::chrono::milliseconds patience() const override { return std::chrono::seconds(60); }

private:
    static std::string_view words(Act act) {
        switch (act) {
            case Act::press_button:
                return "hold the board's button down";
            case Act::release_button:
                return "let the button go";
            case Act::open_case:
                return "open the case, or pull the tamper jumper";
            case Act::close_case:
                return "close the case, or put the jumper back";
            case Act::reset:
                return "take the board's power away and give it back (USB adapters that are "
                       "powered "
                       "by the same plug stay plugged: press reset there)";
        }
        return "";
    }

    std::ostream* asked_;
};

}  // namespace server::cli::bringup
