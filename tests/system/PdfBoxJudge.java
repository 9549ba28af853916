import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.Security;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.pdfbox.cos.COSArray;
import org.apache.pdfbox.cos.COSBase;
import org.apache.pdfbox.cos.COSDictionary;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.cos.COSStream;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.tsp.TimeStampToken;
import org.bouncycastle.util.Store;

/**
 * A PDF's signatures as PDFBox reads them and Bouncy Castle checks them: neither has code in common with what
 * made them. PdfBoxJudge ANCHORS.pem PDF prints a line for each signature and one for the security store; the
 * words behind "wrong" say why.
 *
 *   signature TYPE SUBFILTER valid|wrong [timestamped] [whole]
 *   store CERTIFICATES OCSP-ANSWERS CRLS valid|wrong
 */
final class PdfBoxJudge {
    private final Set<TrustAnchor> anchors = new HashSet<>();

    private PdfBoxJudge(InputStream pem) throws Exception {
        for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
            anchors.add(new TrustAnchor((X509Certificate) one, null));
        }
    }

    public static void main(String[] arguments) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        try (InputStream pem = Files.newInputStream(Path.of(arguments[0]))) {
            new PdfBoxJudge(pem).judge(Path.of(arguments[1]));
        }
    }

    private void judge(Path file) throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        try (PDDocument document = PDDocument.load(file.toFile())) {
            for (PDSignature signature : document.getSignatureDictionaries()) {
                System.out.println("signature " + said(signature, bytes));
            }
            COSBase store = document.getDocumentCatalog().getCOSObject().getDictionaryObject("DSS");
            if (store instanceof COSDictionary) {
                System.out.println("store " + said((COSDictionary) store));
            }
        }
    }

    private String said(PDSignature signature, byte[] file) {
        String kind = signature.getCOSObject().getNameAsString(COSName.TYPE) + " " + signature.getSubFilter();
        try {
            byte[] content = signature.getSignedContent(file);
            byte[] contents = signature.getContents(file);
            int[] range = signature.getByteRange();
            String whole = range[2] + range[3] == file.length ? " whole" : "";
            if ("ETSI.RFC3161".equals(signature.getSubFilter())) {
                checkToken(new CMSSignedData(contents), content);
                return kind + " valid" + whole;
            }
            CMSSignedData cms = new CMSSignedData(new CMSProcessableByteArray(content), contents);
            return kind + " valid" + (check(cms) ? " timestamped" : "") + whole;
        } catch (Exception wrong) {
            return kind + " wrong: " + wrong;
        }
    }

    /** Answers whether a time-stamp proves the signature. */
    private boolean check(CMSSignedData cms) throws Exception {
        SignerInformation signer = cms.getSignerInfos().getSigners().iterator().next();
        X509CertificateHolder holder = certificateOf(signer, cms.getCertificates());
        if (!signer.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(holder))) {
            throw new IllegalStateException("the signature does not verify");
        }
        Date at = new Date();
        AttributeTable unsigned = signer.getUnsignedAttributes();
        Attribute stamp = unsigned == null ? null : unsigned.get(PKCSObjectIdentifiers.id_aa_signatureTimeStampToken);
        if (stamp != null) {
            ContentInfo token = ContentInfo.getInstance(stamp.getAttributeValues()[0]);
            at = checkToken(new CMSSignedData(token), signer.getSignature());
        }
        checkPath(holder, cms.getCertificates(), at);
        return stamp != null;
    }

    /** Answers the time of a time-stamp of these bytes. */
    private Date checkToken(CMSSignedData cms, byte[] stamped) throws Exception {
        TimeStampToken token = new TimeStampToken(cms);
        X509CertificateHolder holder = certificateOf(cms.getSignerInfos().getSigners().iterator().next(),
            token.getCertificates());
        token.validate(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(holder));
        MessageDigest digest = MessageDigest.getInstance(
            token.getTimeStampInfo().getMessageImprintAlgOID().getId(), "BC");
        if (!Arrays.equals(digest.digest(stamped), token.getTimeStampInfo().getMessageImprintDigest())) {
            throw new IllegalStateException("the time-stamp is of something else");
        }
        Date at = token.getTimeStampInfo().getGenTime();
        checkPath(holder, token.getCertificates(), at);
        return at;
    }

    @SuppressWarnings("unchecked")
    private static X509CertificateHolder certificateOf(SignerInformation signer, Store<X509CertificateHolder> among) {
        return (X509CertificateHolder) among.getMatches(signer.getSID()).iterator().next();
    }

    /** RFC 5280 §6, at that time; what is revoked is not asked. */
    private void checkPath(X509CertificateHolder leaf, Store<X509CertificateHolder> among, Date at) throws Exception {
        JcaX509CertificateConverter converter = new JcaX509CertificateConverter().setProvider("BC");
        List<X509Certificate> certificates = new ArrayList<>();
        for (X509CertificateHolder one : among.getMatches(null)) {
            certificates.add(converter.getCertificate(one));
        }
        X509CertSelector target = new X509CertSelector();
        target.setCertificate(converter.getCertificate(leaf));
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, target);
        parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(certificates)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(at);
        CertPathBuilder.getInstance("PKIX", "BC").build(parameters);
    }

    private String said(COSDictionary store) {
        try {
            List<byte[]> certificates = streams(store, "Certs");
            List<byte[]> answers = streams(store, "OCSPs");
            List<byte[]> lists = streams(store, "CRLs");
            for (byte[] certificate : certificates) {
                new X509CertificateHolder(certificate);
            }
            for (byte[] answer : answers) {
                checkAnswer(answer);
            }
            for (byte[] list : lists) {
                CertificateFactory.getInstance("X.509", "BC").generateCRL(new ByteArrayInputStream(list));
            }
            return certificates.size() + " " + answers.size() + " " + lists.size() + " valid";
        } catch (Exception wrong) {
            return "0 0 0 wrong: " + wrong;
        }
    }

    private static void checkAnswer(byte[] answer) throws Exception {
        BasicOCSPResp basic = (BasicOCSPResp) new OCSPResp(answer).getResponseObject();
        X509CertificateHolder responder = basic.getCerts()[0];
        if (!basic.isSignatureValid(new JcaContentVerifierProviderBuilder().setProvider("BC").build(responder))) {
            throw new IllegalStateException("an OCSP answer does not verify");
        }
    }

    private static List<byte[]> streams(COSDictionary store, String name) throws Exception {
        List<byte[]> found = new ArrayList<>();
        if (store.getDictionaryObject(name) instanceof COSArray) {
            COSArray array = (COSArray) store.getDictionaryObject(name);
            for (int i = 0; i < array.size(); i++) {
                try (InputStream stream = ((COSStream) array.getObject(i)).createInputStream()) {
                    found.add(stream.readAllBytes());
                }
            }
        }
        return found;
    }
}
