#pragma once

namespace firmware::hal {

// A button that only someone beside the board can press.
class Presence {
public:
    // Is it held down now? Always false on a board without one.
    virtual bool pressed() = 0;

protected:
    ~Presence() = default;
};

}  // namespace firmware::hal
