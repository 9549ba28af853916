#include "cloudsign/document/unpack.h"

#include <algorithm>
#include <qpdf/Pipeline.hh>
#include <stdexcept>

#include "cloudsign/document/qpdf_error.h"

namespace cloudsign::document {
namespace {

constexpr int filters_max = 4;
// Of a predictor, which QPDF keeps two of in memory; one of cross-references has about ten bytes.
constexpr long long row_size_max = 1 << 20;

// The end of a pipeline that takes no more than it may. QPDF swallows what it throws, as long as
// the stream is a file's.
class BoundedSink final : public Pipeline {
public:
    explicit BoundedSink(std::size_t size_max) : Pipeline("sink", nullptr), size_max_(size_max) {}

    void write(unsigned char const* bytes, std::size_t size) override {
        if (size > size_max_ - bytes_.size()) {
            is_over_ = true;
            throw std::runtime_error("a stream unpacks to more than is taken");
        }
        bytes_.insert(bytes_.end(), bytes, bytes + size);
    }
    void finish() override {}

    bool is_over() const { return is_over_; }
    Bytes& bytes() { return bytes_; }

private:
    const std::size_t size_max_;
    Bytes bytes_;
    bool is_over_ = false;
};

std::vector<QPDFObjectHandle> items_of(QPDFObjectHandle one_or_many) {
    if (one_or_many.isNull()) {
        return {};
    }
    if (!one_or_many.isArray()) {
        return {one_or_many};
    }
    return one_or_many.getArrayNItems() > filters_max
               ? std::vector<QPDFObjectHandle>(filters_max + 1, one_or_many)
               : one_or_many.getArrayAsVector();
}

bool is_bounded_row(QPDFObjectHandle parameters) {
    if (!parameters.isDictionary()) {
        return true;
    }
    long long bits = 1;
    for (const auto& [key, usual] :
         {std::pair("/Columns", 1), std::pair("/Colors", 1), std::pair("/BitsPerComponent", 8)}) {
        auto value = parameters.getKey(key);
        const auto number = value.isInteger() ? value.getIntValue() : usual;
        if (number < 1 || number > row_size_max || bits > row_size_max) {
            return false;
        }
        bits *= number;
    }
    return bits <= row_size_max * 8;
}

// Of two compressions the first could swell beyond measure while the second shrinks it again.
bool is_packed_simply(QPDFObjectHandle dictionary) {
    const auto filters = items_of(dictionary.getKey("/Filter"));
    std::size_t compressions = 0;
    for (auto filter : filters) {
        const bool is_text =
            filter.isNameAndEquals("/ASCIIHexDecode") || filter.isNameAndEquals("/ASCII85Decode");
        const bool is_compression =
            filter.isNameAndEquals("/FlateDecode") || filter.isNameAndEquals("/LZWDecode");
        if (!is_text && !is_compression) {
            return false;
        }
        compressions += is_compression;
    }
    return compressions <= 1 && filters.size() <= filters_max &&
           std::ranges::all_of(items_of(dictionary.getKey("/DecodeParms")), is_bounded_row);
}

}  // namespace

Result<Bytes> unpack(QPDFObjectHandle stream, std::size_t& left) {
    if (!stream.isStream()) {
        return damaged("there is no stream where one is named");
    }
    if (!is_packed_simply(stream.getDict())) {
        return Error{ErrorKind::invalid,
                     "A stream of the PDF is compressed in a way that is not taken."};
    }
    BoundedSink sink(left);
    bool is_filtered = false;
    bool is_whole = false;
    try {
        is_whole = stream.pipeStreamData(&sink, &is_filtered, 0, qpdf_dl_generalized, true, false);
    } catch (const std::exception&) {
        if (!sink.is_over()) {
            throw;
        }
    }
    if (sink.is_over()) {
        return Error{ErrorKind::invalid,
                     "The PDF unpacks to more than is taken: its compressed streams are larger "
                     "than any file needs."};
    }
    if (!is_whole) {
        return damaged("a stream cannot be unpacked");
    }
    left -= sink.bytes().size();
    return std::move(sink.bytes());
}

}  // namespace cloudsign::document
