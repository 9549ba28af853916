#include "server/api/qd769/request.h"

#include <algorithm>
#include <cctype>

#include <boost/json.hpp>

#include "cloudsign/identity/text.h"
#include "cloudsign/qd769/hash.h"
#include "cloudsign/qd769/serial_number.h"
#include "cloudsign/sha256.h"
#include "hsm/protocol/types.h"
#include "server/api/json_body.h"

namespace server::api::qd769 {
namespace {

namespace json = boost::json;
using cloudsign::identity::TextUse;

constexpr std::size_t user_id_max = 64;
constexpr std::size_t transaction_id_max = 64;  // it is the code that both screens show
constexpr std::size_t doc_id_max = 128;
constexpr std::size_t label_max = 255;
constexpr std::size_t description_max = 2000;

// Our own endpoints' reading of members, in this dialect's words.
Checked<std::string> text(const json::object& object,
                          std::string_view name,
                          std::size_t size_max,
                          TextUse use) {
    auto found = use == TextUse::required ? text_member(object, name, size_max)
                                          : optional_text_member(object, name, size_max);
    if (!found) {
        return to_refusal(found.error());
    }
    if (!cloudsign::identity::check_text(name, *found, TextUse::optional, size_max)) {
        return bad_request(std::string(name) + " must be clean UTF-8 without control characters");
    }
    return *std::move(found);
}

// The portal polls with it in a path, as it is.
bool is_unreserved(std::string_view text) {
    return std::ranges::all_of(text, [](char character) {
        return std::isalnum(static_cast<unsigned char>(character)) != 0 || character == '-' ||
               character == '.' || character == '_' || character == '~';
    });
}

Checked<std::string> transaction_id(const json::object& body, TextUse use) {
    TRY_ASSIGN(auto id, text(body, "transaction_id", transaction_id_max, use));
    if (!is_unreserved(id)) {
        return bad_request("transaction_id may have letters, digits and - . _ ~ only");
    }
    return id;
}

// YYYYMMDDHHmmss, with a Z or without. It is the portal's clock, and binds nobody.
Checked<void> check_time_stamp(const json::object& body) {
    TRY_ASSIGN(auto stamp, text(body, "time_stamp", 32, TextUse::optional));
    if (stamp.ends_with('Z')) {
        stamp.pop_back();
    }
    const bool digits = std::ranges::all_of(
        stamp, [](char character) { return character >= '0' && character <= '9'; });
    if (!stamp.empty() && (stamp.size() != 14 || !digits)) {
        return bad_request("time_stamp must be YYYYMMDDHHmmss, with a Z or without");
    }
    return {};
}

// file_type and sign_type, wherever they stand.
Checked<std::string> option(const json::object& file, std::string_view name) {
    const auto* nested = file.if_contains("file_options");
    const auto* options = nested != nullptr ? nested->if_object() : nullptr;
    if (nested != nullptr && !nested->is_null() && options == nullptr) {
        return bad_request("file_options must be an object");
    }
    return text(options != nullptr && options->contains(name) ? *options : file,
                name,
                64,
                TextUse::optional);
}

Checked<SignFile> read_file(const json::value& value) {
    const auto* file = value.if_object();
    if (file == nullptr) {
        return bad_request("sign_files must be a list of objects");
    }
    SignFile read;
    TRY_ASSIGN(read.doc_id, text(*file, "doc_id", doc_id_max, TextUse::required));
    TRY_ASSIGN(auto name, text(*file, "file_name", label_max, TextUse::optional));
    TRY_ASSIGN(auto sign_type, option(*file, "sign_type"));
    TRY(option(*file, "file_type"));
    if (sign_type != "hash") {
        return bad_request("sign_type must be hash: whole files are not signed here");
    }
    const auto* data = file->if_contains("data_to_be_signed");
    if (data == nullptr || !data->is_string()) {
        return bad_request("data_to_be_signed is missing or no string");
    }
    auto hash = cloudsign::qd769::read_hash(data->get_string());
    if (!hash) {
        return bad_request(
            "data_to_be_signed must be a hash of 32, 48 or 64 bytes, hexadecimal or base64");
    }
    read.hash = *std::move(hash);
    read.label = read.doc_id;
    if (!name.empty() && name != read.doc_id && read.doc_id.size() + name.size() + 3 <= label_max) {
        read.label += " (" + name + ")";
    }
    return read;
}

Checked<std::vector<SignFile>> read_files(const json::object& body) {
    const auto* value = body.if_contains("sign_files");
    const auto* list = value != nullptr ? value->if_array() : nullptr;
    if (list == nullptr || list->empty()) {
        return bad_request("sign_files is missing or empty");
    }
    if (list->size() > hsm::protocol::leaf_count_max) {
        return bad_request("sign_files has more than 1,024 entries");
    }
    std::vector<SignFile> files;
    std::vector<std::string_view> ids;
    for (const auto& one : *list) {
        TRY_ASSIGN(auto file, read_file(one));
        if (!files.empty() && file.hash.size() != files.front().hash.size()) {
            return bad_request("the hashes of one request must be of one length");
        }
        files.push_back(std::move(file));
    }
    for (const auto& file : files) {
        ids.emplace_back(file.doc_id);
    }
    std::ranges::sort(ids);
    if (std::ranges::adjacent_find(ids) != ids.end()) {
        return bad_request("each doc_id may stand once: signatures are told apart by it");
    }
    return files;
}

}  // namespace

hsm::Digest SignRequest::fingerprint() const {
    // Lengths first, so that no two requests are written alike.
    std::string all;
    const auto add = [&](std::string_view part) {
        all += std::to_string(part.size()) + ":";
        all += part;
    };
    for (const auto* part : {&user_id, &serial_number, &description, &ca_name}) {
        add(*part);
    }
    for (const auto& file : files) {
        add(file.label);
        add(std::string_view(reinterpret_cast<const char*>(file.hash.data()), file.hash.size()));
    }
    return cloudsign::sha256(all);
}

Checked<SignRequest> read_sign_request(const json::object& body) {
    SignRequest request;
    TRY_ASSIGN(request.user_id, text(body, "user_id", user_id_max, TextUse::required));
    TRY_ASSIGN(request.transaction_id, transaction_id(body, TextUse::required));
    TRY_ASSIGN(auto serial, text(body, "serial_number", 64, TextUse::optional));
    request.serial_number = cloudsign::qd769::normal_serial(serial);
    TRY_ASSIGN(request.description,
               text(body, "transaction_desc", description_max, TextUse::optional));
    TRY_ASSIGN(request.ca_name, text(body, "ca_name", 64, TextUse::optional));
    TRY(check_time_stamp(body));
    TRY_ASSIGN(request.files, read_files(body));
    return request;
}

Checked<CertificateRequest> read_certificate_request(const json::object& body) {
    CertificateRequest request;
    TRY_ASSIGN(request.user_id, text(body, "user_id", user_id_max, TextUse::required));
    TRY_ASSIGN(auto serial, text(body, "serial_number", 64, TextUse::optional));
    request.serial_number = cloudsign::qd769::normal_serial(serial);
    TRY_ASSIGN(request.transaction_id, transaction_id(body, TextUse::optional));
    TRY_ASSIGN(request.ca_name, text(body, "ca_name", 64, TextUse::optional));
    return request;
}

}  // namespace server::api::qd769
