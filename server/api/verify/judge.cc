#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/verify/report_json.h"
#include "cloudsign/verify/report_pdf.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"
#include "server/api/verify/document_verifier.h"
#include "server/api/verify/endpoints.h"
#include "server/http/form.h"

namespace server::api::verify {
namespace {

using cloudsign::Bytes;
using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::Result;
using cloudsign::verify::Language;

constexpr std::string_view pdf_type = "application/pdf";
constexpr std::string_view xml_type = "application/xml";
constexpr std::size_t name_size_max = 255;

Error invalid(std::string detail) {
    return {ErrorKind::invalid, std::move(detail)};
}

// What is asked, and the bytes that it is about.
struct Asked {
    DocumentVerifier::Question question;
    Bytes document;
    Bytes signature;
    Language language = Language::vietnamese;
};

Result<Bytes> base64_member(const boost::json::object& body, std::string_view name) {
    const auto* value = body.if_contains(name);
    auto bytes = value != nullptr && value->is_string()
                     ? cloudsign::from_base64(value->get_string())
                     : std::nullopt;
    if (!bytes || bytes->empty()) {
        return invalid(std::string(name) + " must be base64");
    }
    return *std::move(bytes);
}

Result<void> read_query(const http::Request& request, Asked& asked) {
    const auto form = http::Form::parse(request.query);
    if (!form) {
        return invalid("the query must be parameters, each once");
    }
    const auto name = form->find("name").value_or("");
    if (name.size() > name_size_max) {
        return invalid("name must be at most 255 bytes");
    }
    asked.question.name = name;
    const auto language = form->find("lang").value_or("vi");
    if (language != "vi" && language != "en") {
        return invalid("lang is one of vi, en");
    }
    asked.language = language == "en" ? Language::english : Language::vietnamese;
    const auto organisation = form->find("organisation");
    if (organisation) {
        asked.question.of_organisation.emplace(*organisation);
    }
    return {};
}

// `request` outlives what is asked.
Result<void> read_body(const http::Request& request, Asked& asked) {
    if (request.has_content_type(pdf_type) || request.has_content_type(xml_type)) {
        asked.question.document = hsm::view_of(request.body);
        return {};
    }
    if (!request.has_content_type(http::json_type)) {
        return invalid("Content-Type must be application/pdf, application/xml or application/json");
    }
    TRY_ASSIGN(const auto body, read_json(request));
    TRY_ASSIGN(asked.document, base64_member(body, "document"));
    if (body.contains("signature")) {
        TRY_ASSIGN(asked.signature, base64_member(body, "signature"));
    }
    asked.question.document = asked.document;
    asked.question.signature = asked.signature;
    return {};
}

bool wants_pdf(const http::Request& request) {
    const auto accepted = request.headers.find("Accept");
    return accepted && http::equal_ignoring_case(*accepted, pdf_type);
}

Result<http::Response> answered(Context& context, const http::Request& request) {
    Asked asked;
    TRY(read_query(request, asked));
    TRY(read_body(request, asked));
    const auto document = asked.question.document;
    if (asked.signature.empty() && !cloudsign::verify::is_pdf(document) &&
        !cloudsign::verify::is_xml(document)) {
        return invalid("the document is no PDF and no XML: send its signature beside it");
    }
    TRY_ASSIGN(const auto report, context.verifier.judge(asked.question));
    if (const auto known = cloudsign::verify::check_fields(report, asked.question.of_organisation);
        !known) {
        return invalid("organisation " + known.error().detail);
    }
    if (!wants_pdf(request)) {
        return http::json(200, cloudsign::verify::to_json(report));
    }
    http::Response response;
    response.content_type = pdf_type;
    TRY_ASSIGN(response.body, cloudsign::verify::to_pdf(report, asked.language));
    return response;
}

}  // namespace

http::Outcome judge(Context& context, const http::Request& request, const http::PathParameters&) {
    auto response = answered(context, request);
    return response ? *std::move(response) : error_response(response.error());
}

}  // namespace server::api::verify
