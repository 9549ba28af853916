#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cloudsign/verify/report_json.h"
#include "cloudsign/verify/report_lines.h"
#include "cloudsign/verify/report_pdf.h"
#include "cloudsign/verify/signature_state.h"
#include "tests/unit/cloudsign/verify/attacker.h"
#include "tests/unit/cloudsign/verify/verify_site.h"

namespace cloudsign::verify {
namespace {

namespace json = boost::json;
using document::sample_pdf;

class ReportTest : public VerifyTest {};

TEST_F(ReportTest, EveryFindingHasItsWords) {
    std::set<std::string_view> names;
    for (const auto& text : finding_texts()) {
        EXPECT_TRUE(names.insert(text.name).second) << text.name;
        EXPECT_FALSE(text.vietnamese.empty());
        EXPECT_FALSE(text.english.empty());
        EXPECT_EQ(&verify::text_of(text.code), &text);
    }
    EXPECT_EQ(finding_texts().size(), static_cast<std::size_t>(Code::too_long) + 1);
}

TEST_F(ReportTest, ForMachinesHasBothTablesInBothLanguages) {
    const auto report = verified(whole_pdf());

    const auto object = to_json(report);

    EXPECT_EQ(object.at("verdict").as_string(), "valid");
    EXPECT_EQ(object.at("vi").as_string(), "HỢP LỆ");
    const auto& signature = object.at("signatures").at(0);
    EXPECT_EQ(signature.at("level").as_string(), "B-LT");
    EXPECT_EQ(signature.at("signer").at("name").as_string(), "Nguyễn Văn A");
    EXPECT_EQ(signature.at("time").at("source").as_string(), "timestamp");
    const auto& tables = signature.at("tables").as_array();
    ASSERT_EQ(tables.size(), 3u);
    EXPECT_EQ(tables[0].at("vi").as_string(), "Tính hợp lệ của chứng thư chữ ký số");
    EXPECT_EQ(tables[0].at("rows").as_array().size(), 4u);
    EXPECT_EQ(tables[1].at("rows").as_array().size(), 4u);
    for (const auto& table : tables) {
        for (const auto& row : table.at("rows").as_array()) {
            EXPECT_EQ(row.at("verdict").as_string(), "valid") << json::serialize(row);
        }
    }
    EXPECT_EQ(json::parse(json::serialize(object)), json::value(object));
}

TEST_F(ReportTest, NamesTheStatesOfTheSigningTool) {
    const auto plain = signed_pdf();
    const auto names = [](const SignatureReport& signature) {
        std::vector<std::string> found;
        for (const auto& state : states_of(signature)) {
            found.emplace_back(state.vietnamese);
        }
        return found;
    };

    EXPECT_THAT(names(verified(plain).signatures.at(0)),
                testing::ElementsAre("Chữ ký số không được kiểm tra trạng thái thu hồi và không "
                                     "được gắn dấu thời gian"));
    EXPECT_THAT(names(verified_online(plain).signatures.at(0)),
                testing::ElementsAre("Chữ ký số chưa được gắn dấu thời gian"));
    const auto overlaid = updated(whole_pdf(), {{{3, stream_of("")}}, "/Root 1 0 R", {}});
    EXPECT_THAT(names(verified(overlaid).signatures.at(0)),
                testing::ElementsAre("Văn bản sau khi ký bị chỉnh sửa"));
    EXPECT_THAT(names(verified(whole_pdf()).signatures.at(0)), testing::IsEmpty());
}

// Nghị định 30/2020: the seal over the left of a person's signature, or the first page's corner.
TEST_F(ReportTest, NamesAPersonInAnOrganisationsPlace) {
    document::PdfSignature of_person;
    of_person.appearance.lines = {"Nguyễn Văn A"};
    of_person.appearance.box = document::PdfBox{300, 200, 120, 60};
    document::PdfSignature seal = of_person;
    seal.appearance.box = document::PdfBox{238, 180, 102, 102};
    document::PdfSignature corner;
    corner.appearance.lines = {"Số: 1/QĐ", "2026-11-27T19:00:00+07:00"};
    auto& site = evidence::site();
    const auto by_person = *site.an.sign(sample_pdf(), of_person);

    EXPECT_FALSE(found(verified(by_person), Code::personal_in_organisations_place));
    const auto sealed = verified(*site.binh.sign(by_person, seal));
    EXPECT_FALSE(has(sealed.signatures.at(0).findings, Code::personal_in_organisations_place));
    EXPECT_TRUE(has(sealed.signatures.at(1).findings, Code::personal_in_organisations_place))
        << names_of(sealed);
    const auto numbered = verified(*site.an.sign(sample_pdf(), corner));
    EXPECT_TRUE(found(numbered, Code::personal_in_organisations_place)) << names_of(numbered);
    EXPECT_EQ(states_of(numbered.signatures[0]).back().name, "personal_for_organisation");
}

TEST_F(ReportTest, ARowIsNotPassedWhereNobodyLooked) {
    auto pdf = signed_pdf();
    const auto hole = last_hole(pdf);
    pdf.replace(hole.begin + 1, 8, "00000000");

    const auto report = verified(pdf);

    const auto& signature = report.signatures.at(0);
    EXPECT_TRUE(has(signature.findings, Code::cms_malformed));
    for (const auto row : {Row::signer, Row::key_match, Row::trust, Row::certificate_status}) {
        EXPECT_EQ(row_of(signature, row).verdict, Verdict::indeterminate);
    }
    EXPECT_EQ(row_of(signature, Row::hash_match).verdict, Verdict::invalid);
}

TEST_F(ReportTest, IsPrintedInBothLanguages) {
    auto report = verified(raised(signed_pdf(), evidence::Level::lta));
    report.file = "hợp đồng số 1.pdf";

    const auto vietnamese = to_pdf(report, Language::vietnamese);
    const auto english = to_pdf(report, Language::english);

    ASSERT_TRUE(vietnamese) << vietnamese.error().detail;
    EXPECT_EQ(judges_.qpdf_complaint(*vietnamese), "");
    const auto text = judges_.text(*vietnamese);
    for (const auto* words : {"PHIẾU KIỂM TRA CHỮ KÝ SỐ",
                              "HỢP LỆ",
                              "hợp đồng số 1.pdf",
                              "Nguyễn Văn A",
                              "Tính hợp lệ của chữ ký số",
                              "Đạt"}) {
        EXPECT_NE(text.find(words), std::string::npos) << words << " is not in\n" << text;
    }
    ASSERT_TRUE(english) << english.error().detail;
    EXPECT_NE(judges_.text(*english).find("SIGNATURE CHECK REPORT"), std::string::npos);
}

TEST_F(ReportTest, IsPrintedWhateverNamesAreInIt) {
    Report report;
    report.file = std::string("a\x01\xff") + "\U0001F600 " + std::string(500, 'x') + " 漢字";
    for (int i = 0; i < 200; ++i) {
        SignatureReport signature;
        signature.field = "field \n" + std::to_string(i);
        signature.findings.push_back({Code::changed_after_signing, std::string(300, 'W')});
        report.signatures.push_back(signature);
    }

    const auto pdf = to_pdf(report, Language::vietnamese);
    const auto object = to_json(report);

    EXPECT_EQ(object.at("file").as_string().find('\xff'), std::string::npos);
    ASSERT_TRUE(pdf) << pdf.error().detail;
    EXPECT_EQ(judges_.qpdf_complaint(*pdf), "");
}

}  // namespace
}  // namespace cloudsign::verify
