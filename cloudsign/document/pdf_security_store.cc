#include "cloudsign/document/pdf_security_store.h"

#include <algorithm>

#include <openssl/evp.h>

#include "cloudsign/document/pdf_increment.h"
#include "cloudsign/document/qpdf_error.h"
#include "cloudsign/document/unpack.h"
#include "cloudsign/hex.h"

namespace cloudsign::document {
namespace {

constexpr std::size_t store_size_max = 64 * 1024 * 1024;
constexpr int items_max = 10'000;

struct Kind {
    const char* in_store;  // key of the store
    const char* in_entry;  // and of a VRI entry
    std::vector<Bytes> ValidationData::*values;
};
constexpr Kind kinds[] = {{"/Certs", "/Cert", &ValidationData::certificates},
                          {"/OCSPs", "/OCSP", &ValidationData::ocsp_answers},
                          {"/CRLs", "/CRL", &ValidationData::lists}};

// Each value of a kind that the store has, with the stream that holds it.
using Streams = std::map<Bytes, QPDFObjectHandle>;

// `left`: how much more may come.
Result<Streams> streams_of(QPDFObjectHandle list, std::size_t& left) {
    Streams streams;
    if (!list.isArray()) {
        return streams;
    }
    if (list.getArrayNItems() > items_max) {
        return Error{ErrorKind::invalid, "The PDF has too many items in its security store."};
    }
    for (int i = 0; i < list.getArrayNItems(); ++i) {
        auto stream = list.getArrayItem(i);
        if (!stream.isStream()) {
            continue;
        }
        TRY_ASSIGN(auto data, unpack(stream, left));
        streams.emplace(std::move(data), stream);
    }
    return streams;
}

// §12.8.4.4: SHA-1, in capitals, of all of /Contents. A name, not a safeguard.
std::string entry_key(const Bytes& contents) {
    Bytes digest(EVP_MAX_MD_SIZE);
    unsigned size = 0;
    CHECK(EVP_Digest(contents.data(), contents.size(), digest.data(), &size, EVP_sha1(), nullptr) ==
          1);
    digest.resize(size);
    auto key = hex(digest);
    std::ranges::transform(key, key.begin(), [](char c) { return c >= 'a' ? c - 'a' + 'A' : c; });
    return "/" + key;
}

class StoreWriter {
public:
    explicit StoreWriter(PdfFile& file) : file_(file), increment_(file) {
        auto root = file.root();
        store_ = root.getKey("/DSS");
        if (!store_.isDictionary() || !store_.isIndirect()) {
            store_ = increment_.add(store_.isDictionary() ? store_.shallowCopy()
                                                          : QPDFObjectHandle::newDictionary());
            root.replaceKey("/DSS", store_);
            increment_.touch(root);
        }
    }

    Result<void> read_known() {
        std::size_t left = store_size_max;
        for (const auto& kind : kinds) {
            TRY_ASSIGN(known_[kind.in_store], streams_of(store_.getKey(kind.in_store), left));
        }
        return {};
    }

    void add(const Bytes& contents, const ValidationData& needed) {
        auto entry = QPDFObjectHandle::newDictionary();
        for (const auto& kind : kinds) {
            auto list = QPDFObjectHandle::newArray();
            for (const auto& value : needed.*kind.values) {
                list.appendItem(stream_for(kind, value));
            }
            if (list.getArrayNItems() > 0) {
                entry.replaceKey(kind.in_entry, list);
            }
        }
        add_entry(entry_key(contents), entry);
    }

    Result<std::string> write() {
        auto text = increment_.write().text;
        TRY(file_.check_undamaged());
        if (file_.bytes().size() + text.size() > pdf_size_max) {
            return Error{ErrorKind::invalid, "The PDF is too large for validation data."};
        }
        return text;
    }

private:
    QPDFObjectHandle stream_for(const Kind& kind, const Bytes& value) {
        auto& known = known_[kind.in_store];
        const auto found = known.find(value);
        if (found != known.end()) {
            return found->second;
        }
        auto stream = increment_.add_stream(QPDFObjectHandle::newDictionary(), hsm::text_of(value));
        auto list = store_.getKey(kind.in_store);
        if (!list.isArray()) {
            list = QPDFObjectHandle::newArray();
            store_.replaceKey(kind.in_store, list);
            list = store_.getKey(kind.in_store);
        }
        list.appendItem(stream);
        increment_.touch(list.isIndirect() ? list : store_);
        known.emplace(value, stream);
        return stream;
    }

    void add_entry(const std::string& key, QPDFObjectHandle entry) {
        auto entries = store_.getKey("/VRI");
        if (!entries.isDictionary()) {
            store_.replaceKey("/VRI", QPDFObjectHandle::newDictionary());
            entries = store_.getKey("/VRI");
        }
        if (entries.hasKey(key)) {
            return;
        }
        entries.replaceKey(key, increment_.add(entry));
        increment_.touch(entries.isIndirect() ? entries : store_);
    }

    PdfFile& file_;
    PdfIncrement increment_;
    QPDFObjectHandle store_;
    std::map<std::string, Streams> known_;
};

}  // namespace

bool SecurityStore::has_entry(const Bytes& contents) const {
    return entries.contains(entry_key(contents));
}

Result<SecurityStore> read_security_store(hsm::ByteView pdf) {
    TRY_ASSIGN(auto file, PdfFile::open(pdf));
    return with_qpdf([&]() -> Result<SecurityStore> {
        SecurityStore read;
        auto store = file->root().getKeyIfDict("/DSS");
        std::size_t left = store_size_max;
        for (const auto& kind : kinds) {
            TRY_ASSIGN(const auto streams, streams_of(store.getKeyIfDict(kind.in_store), left));
            for (const auto& [value, stream] : streams) {
                (read.data.*kind.values).push_back(value);
            }
        }
        auto entries = store.getKeyIfDict("/VRI");
        if (entries.isDictionary()) {
            read.entries = entries.getKeys();
        }
        TRY(file->check_undamaged());
        return read;
    });
}

Result<std::string> add_validation_data(hsm::ByteView pdf,
                                        const std::map<Bytes, ValidationData>& needed) {
    TRY_ASSIGN(auto file, PdfFile::open(pdf));
    if (file->is_hybrid()) {
        return Error{ErrorKind::invalid,
                     "The PDF has two cross-reference tables beside each other (hybrid), which "
                     "readers follow differently."};
    }
    return with_qpdf([&]() -> Result<std::string> {
        StoreWriter writer(*file);
        TRY(writer.read_known());
        for (const auto& [contents, data] : needed) {
            writer.add(contents, data);
        }
        return writer.write();
    });
}

}  // namespace cloudsign::document
