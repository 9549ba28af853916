#pragma once

namespace firmware::hal {

// The case's switch, or the chip's own detectors.
class Tamper {
public:
    // Is it open now, or was it since the detector was last armed? The main loop asks every turn.
    virtual bool tampered() = 0;

protected:
    ~Tamper() = default;
};

}  // namespace firmware::hal
