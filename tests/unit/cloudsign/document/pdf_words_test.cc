#include "cloudsign/document/pdf_words.h"

#include <gtest/gtest.h>

#include "cloudsign/document/composed.h"
#include "tests/unit/cloudsign/document/sample_pdf.h"
#include "tests/unit/cloudsign/document/site.h"

namespace cloudsign::document {
namespace {

TEST(Composed, JoinsWhatWasTypedApart) {
    EXPECT_EQ(composed("Nguye\xcc\x82\xcc\x83n Va\xcc\x86n A"), "Nguyễn Văn A");
    // Marks in the other order: the dot below belongs first.
    EXPECT_EQ(composed("e\xcc\x82\xcc\xa3"), "ệ");
    EXPECT_EQ(composed("e\xcc\xa3\xcc\x82"), "ệ");
    EXPECT_EQ(composed("\xe1\xba\xb9\xcc\x82"), "ệ");
    EXPECT_EQ(composed("Đường số 12 ỲỴ 漢 \xf0\x9f\x98\x80"), "Đường số 12 ỲỴ 漢 \xf0\x9f\x98\x80");
    EXPECT_EQ(composed("\xcc\x82x"), "\xcc\x82x");
    EXPECT_EQ(composed("a\xff"
                       "b"),
              "a\xef\xbf\xbd"
              "b");
}

constexpr std::string_view two_pages = R"(<doc>
  <page width="600.0" height="800.0">
    <word xMin="100.0" yMin="90.0" xMax="140.0" yMax="100.0">Nguyễn</word>
    <word xMin="145.0" yMin="90.0" xMax="160.0" yMax="100.0">Văn</word>
    <word xMin="20.0" yMin="110.0" xMax="30.0" yMax="120.0">A</word>
    <word xMin="40.0" yMin="110.0" xMax="50.0" yMax="120.0">&lt;B&amp;</word>
  </page>
  <page width="600.0" height="400.0">
    <word xMin="10.0" yMin="10.0" xMax="60.0" yMax="20.0">Nguyễn</word>
    <word xMin="70.0" yMin="10.0" xMax="90.0" yMax="20.0">Văn</word>
  </page>
</doc>)";

TEST(PdfWords, AreReadWithTheirBoxes) {
    const auto words = parse_words(two_pages);

    ASSERT_EQ(words.size(), 6u);
    EXPECT_EQ(words[0].box.y, 90);
    EXPECT_EQ(words[0].box.height, 10);
    EXPECT_EQ(words[3].text, "<B&");
    EXPECT_EQ(words[4].page, 2u);
    EXPECT_EQ(words[4].box.y, 10);
}

TEST(PdfWords, AreFoundOverWordsAndPagesHoweverTyped) {
    const auto words = parse_words(two_pages);

    const auto hits = find_phrase(words, "  Nguye\xcc\x82\xcc\x83n  Va\xcc\x86n ");

    ASSERT_EQ(hits.size(), 2u);
    EXPECT_EQ(hits[0].box.x, 100);
    EXPECT_EQ(hits[0].box.width, 60);
    EXPECT_EQ(hits[1].page, 2u);
    // Over two lines it is the first one's box.
    EXPECT_EQ(find_phrase(words, "Nguyễn Văn A").at(0).box.width, 60);
    EXPECT_TRUE(find_phrase(words, "Trần").empty());
    EXPECT_TRUE(find_phrase(words, " ").empty());
    EXPECT_TRUE(find_phrase({}, "x").empty());
}

TEST(PdfWords, AreFoundWhereAReaderShowsThem) {
    auto& judges = site().judges;
    const auto file = judges.folder() / "turned.pdf";
    for (const int rotation : {0, 90, 180, 270}) {
        SamplePdf sample;
        sample.page_extra = "/CropBox [50 600 350 800] /Rotate " + std::to_string(rotation);
        const auto pdf = sample_pdf(sample);
        tests::support::write_file(file, pdf);

        const auto hits = find_text(file, hsm::view_of(pdf), "contract no. 1");
        const auto found = find_text(file, hsm::view_of(pdf), "Contract no. 1");

        ASSERT_TRUE(found && hits) << found.error().detail;
        EXPECT_TRUE(hits->empty());
        ASSERT_EQ(found->size(), 1u) << rotation;
        const auto& box = found->front().box;
        const auto painted = judges.paint(pdf);
        const auto is_ink = [](int r, int, int) { return r < 128; };
        const auto inside = painted.count(static_cast<int>(box.x),
                                          static_cast<int>(box.y),
                                          static_cast<int>(box.x + box.width) + 1,
                                          static_cast<int>(box.y + box.height) + 1,
                                          is_ink);
        EXPECT_GT(inside, 50) << rotation;
        EXPECT_EQ(inside, painted.count(0, 0, painted.width, painted.height, is_ink)) << rotation;
    }
}

TEST(PdfWords, AreReadFromAFileByAnotherProcess) {
    auto& judges = site().judges;
    const auto file = judges.folder() / "words.pdf";
    tests::support::write_file(file, sample_pdf());

    const auto words = read_words(file);

    ASSERT_TRUE(words) << words.error().detail;
    const auto hits = find_phrase(*words, "Contract no.");
    ASSERT_EQ(hits.size(), 1u);
    EXPECT_NEAR(hits[0].box.x, 72, 0.5);
    EXPECT_NEAR(hits[0].box.y, 842 - 720 - 13, 4);
    tests::support::write_file(file, "no PDF");
    EXPECT_EQ(read_words(file).error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace cloudsign::document
