#include "hsm/custodian/ceremony_file.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>

#include "hsm/openssl/base64.h"

namespace hsm::custodian {
namespace {

namespace json = boost::json;

struct Form {
    FileKind kind;
    std::string_view name;
    std::array<std::string_view, 4> fields;  // unused ones are empty, at the end
};

constexpr Form forms[] = {
    {FileKind::custodian, "custodian/1", {"point"}},
    {FileKind::identity, "identity/1", {"identity_spki"}},
    {FileKind::configuration, "configuration/1", {"configuration"}},
    {FileKind::assertion, "assertion/1", {"assertion"}},
    {FileKind::provision, "provision/1", {"device_certificate", "configuration", "statement"}},
    {FileKind::provision_signature, "provision-signature/1", {"custodian", "signature"}},
    {FileKind::change, "change/1", {"before", "configuration", "statement"}},
    {FileKind::change_signature, "change-signature/1", {"custodian", "signature"}},
    {FileKind::zeroise, "zeroise/1", {"configuration", "statement"}},
    {FileKind::receipt, "zeroised/1", {"receipt"}},
    {FileKind::update, "update/1", {"configuration", "statement"}},
    {FileKind::outward_share,
     "outward-share/1",
     {"device_certificate", "ceremony", "share_set", "share"}},
    {FileKind::ceremony, "ceremony/1", {"device_certificate", "ceremony", "share_set"}},
    {FileKind::inward_share, "inward-share/1", {"share"}},
};

const Form& form_of(FileKind kind) {
    const auto* found = std::ranges::find(forms, kind, &Form::kind);
    CHECK(found != std::end(forms));
    return *found;
}

std::size_t field_count(const Form& form) {
    return static_cast<std::size_t>(
        std::ranges::count_if(form.fields, [](auto name) { return !name.empty(); }));
}

Refusal not_this_kind(const Form& form) {
    return {Status::malformed, "is no file of the kind " + std::string(form.name)};
}

}  // namespace

std::string_view kind_name(FileKind kind) {
    return form_of(kind).name;
}

std::string write_ceremony_file(FileKind kind, const FileFields& fields) {
    const auto& form = form_of(kind);
    CHECK(fields.size() == field_count(form));
    json::object object;
    object["kyso"] = form.name;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto found = fields.find(form.fields[i]);
        CHECK(found != fields.end());
        object[form.fields[i]] = base64url(found->second);
    }
    return json::serialize(object) + "\n";
}

Checked<FileFields> read_ceremony_file(FileKind kind, std::string_view text) {
    const auto& form = form_of(kind);
    json::error_code error;
    const auto value = text.size() <= ceremony_file_size_max
                           ? json::parse(json::string_view(text.data(), text.size()), error)
                           : json::value();
    const auto* object = error ? nullptr : value.if_object();
    const auto* name = object != nullptr ? object->if_contains("kyso") : nullptr;
    if (name == nullptr || !name->is_string() || name->get_string() != form.name ||
        object->size() != 1 + field_count(form)) {
        return not_this_kind(form);
    }
    FileFields fields;
    for (std::size_t i = 0; i < field_count(form); ++i) {
        const auto* field = object->if_contains(form.fields[i]);
        const auto bytes = field != nullptr && field->is_string()
                               ? from_base64url(std::string_view(field->get_string()))
                               : std::nullopt;
        if (!bytes) {
            return not_this_kind(form);
        }
        fields.emplace(form.fields[i], *bytes);
    }
    return fields;
}

CeremonyPapers papers_of(const FileFields& fields) {
    return {fields.at("device_certificate"), fields.at("ceremony"), fields.at("share_set")};
}

}  // namespace hsm::custodian
