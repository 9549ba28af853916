#pragma once

#include <qpdf/Pipeline.hh>
#include <stdexcept>

namespace cloudsign::document {

// The end of a QPDF pipeline that keeps nothing and throws once more than `size_max` has come: a
// small stream may unpack to gigabytes.
class BoundedSink final : public Pipeline {
public:
    explicit BoundedSink(std::size_t size_max) : Pipeline("sink", nullptr), left_(size_max) {}

    void write(unsigned char const*, std::size_t size) override {
        if (size > left_) {
            throw std::runtime_error("a stream unpacks to more than is taken");
        }
        left_ -= size;
    }
    void finish() override {}

private:
    std::size_t left_;
};

}  // namespace cloudsign::document
