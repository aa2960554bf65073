package io.pifleet.agent.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LineIntakeTest {
  private static final String STAMP = " " + RecordedRun.STAMP;

  private final RecordedRun run = new RecordedRun();

  private String take(byte[] bytes, int pieceBytes) {
    LineIntake intake = new LineIntake(run.gathering());
    for (int i = 0; i < bytes.length; i += pieceBytes) {
      intake.take(bytes, i, Math.min(pieceBytes, bytes.length - i));
    }
    intake.end();
    return run.text();
  }

  private String take(String text) {
    return take(text.getBytes(UTF_8), Integer.MAX_VALUE / 2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "m f=1",
        "m f=1i",
        "m f=-9223372036854775808i",
        "m f=18446744073709551615u",
        "m f=00012i",
        "m f=1.5,g=.5,h=5.,i=-0.0",
        "m f=1e3,g=1E-7,h=-1.5e+10",
        "m a=t,b=T,c=true,d=True,e=TRUE,f=f,g=F,h=false,i=False,j=FALSE",
        "m f=\"\"",
        "m f=\"a b,c=d\"",
        "m f=\"say \\\"hi\\\"\"",
        "m f=\"C:\\\\\"",
        "m f=\"# no comment\"",
        "m f=\"{\\\"json\\\": [1, 2]}\",g=2i",
        "m f=\"tab\there\"",
        "m,k=v f=1",
        "m,a=1,b=2 f=1",
        "my\\ m\\,x,a\\ key=a\\ value,b\\=c=d\\,e f\\ x=1",
        "m=eq f=1",
        "m,path=C:\\dir f=1",
        "m,path=C:\\\\dir f=1",
        "m,k=\"quoted\" f=1",
        "maß,größe=süß wärme=1,t=\"°C 😀\"",
      })
  void passesOnWhatIsRightAndAddsTheStamp(String line) {
    assertEquals(line + STAMP + "\n", take(line + "\n"));
    assertEquals(0, run.rejected(), run.problem());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "m f=1 1700000000000000000",
        "m f=1 -5",
        "m f=1 0",
        "m f=1 9223372036854775807",
        "m f=\"x\" 1"
      })
  void keepsTheStampThatIsThere(String line) {
    assertEquals(line + "\n", take(line + "\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "  m f=1 5",
        "m f=1 5   ",
        "m f=1 5\t",
        "m f=1 5\r",
        "\tm f=1 5 \r",
        "m  f=1  5 ",
        "# a comment\nm f=1 5",
        "\n\n  \nm f=1 5\n\n",
        "#\n  # indented\nm f=1 5",
      })
  void toleratesBlanksAndComments(String text) {
    assertEquals("m f=1 5\n", take(text + "\n").replace("  ", " "));
    assertEquals(0, run.rejected(), run.problem());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "m",
        "m ",
        "m f",
        "m f=",
        "m f=,g=1",
        "m =1",
        "m f=1,",
        "m f=1, g=2",
        "m f=abc",
        "m f=NaN",
        "m f=inf",
        "m f=-",
        "m f=.",
        "m f=1e",
        "m f=1e999",
        "m f=+1",
        "m f=0x10",
        "m f=1_000",
        "m f=9223372036854775808i",
        "m f=-9223372036854775809i",
        "m f=-1u",
        "m f=18446744073709551616u",
        "m f=1.5i",
        "m f=i",
        "m f=tRUE",
        "m f=yes",
        "m f=\"a\"b",
        "m f='a'",
        "m f=1 12.5",
        "m f=1 9223372036854775808",
        "m f=1 5 6",
        "m f=1 abc",
        "m f=1 -",
        ",k=v f=1",
        " =1",
        "m,k f=1",
        "m,k= f=1",
        "m,=v f=1",
        "m,k=v, f=1",
        "m,k=v",
        "m,k=a=b f=1",
        "m,k=v\\ f=1",
        "m\tf=1",
        "m,k=a\tb f=1",
        "m f=\"\u0007\"",
        "m\u0000 f=1",
        "Traceback (most recent call last):",
        "{\"json\": true}",
      })
  void rejectsWhatIsWrongAndGoesOn(String wrong) {
    assertEquals("before f=1 1\nafter f=2 2\n", take("before f=1 1\n" + wrong + "\nafter f=2 2\n"));
    assertEquals(1, run.rejected());
    assertTrue(run.problem().startsWith("1 line rejected; line 2: "), run.problem());
  }

  @Test
  void quotesTheFirstBadLineWithItsNumber() {
    take("# c\nok f=\"a\nb\"\noops\n\nanother\n");
    assertEquals(
        "2 lines rejected; line 4: measurement without what has to follow: \"oops\"",
        run.problem());
  }

  @Test
  void boundsWhatItQuotes() {
    take("x".repeat(5000) + "\n");
    assertTrue(run.problem().length() < 300, run.problem());
    assertTrue(run.problem().endsWith("xxx…\""), run.problem());
  }

  @Test
  void rejectsBytesThatAreNoUtf8() {
    byte[] bytes = "a f=\"?\" 1\nb f=1 2\n".getBytes(UTF_8);
    bytes[5] = (byte) 0xc3;
    assertEquals("b f=1 2\n", take(bytes, 100));
    assertEquals(1, run.rejected());
  }

  @Test
  void keepsANewlineInsideAString() {
    assertEquals("m f=\"two\nlines\" 1\nn f=2 2\n", take("m f=\"two\nlines\" 1\nn f=2 2\n"));
    assertEquals(2, run.records());
  }

  @Test
  void losesOneLineToAQuoteThatIsNotClosed() {
    assertEquals("b f=1 1\nc f=2 2\n", take("a f=\"open\nb f=1 1\nc f=2 2\n"));
    assertEquals(1, run.rejected());
    assertTrue(
        run.problem().contains("a quote is not closed: \"a f=\\\"open\"".replace("\\", "")),
        run.problem());
  }

  @Test
  void readsALastLineWithoutNewline() {
    assertEquals("m f=1 1\nn f=2" + STAMP + "\n", take("m f=1 1\nn f=2"));
  }

  @Test
  void rejectsALineThatIsTooLongAndGoesOn() {
    String tooLong = "m f=\"" + "x".repeat(3 * LineWriter.MAX_LINE_BYTES) + "\" 1\n";
    assertEquals("a f=1 1\nb f=2 2\n", take("a f=1 1\n" + tooLong + "b f=2 2\n"));
    assertEquals(1, run.rejected());
  }

  @Test
  void rejectsALineThatIsTooLongAndNeverEnds() {
    assertEquals("", take("x".repeat(200_000)));
    assertEquals(1, run.rejected());
  }

  @Test
  void doesNotCareWhereTheBytesAreCut() {
    String text =
        "a,k=v f=\"x\ny\" 1\n# comment\nbad\nb f=1.5e3,g=t\nq f=\"open \\\" \nc,k=\\ \\, f=\"é€😀\" 3\r\nlast f=1i";
    String whole = take(text);
    assertEquals(2, run.rejected());
    for (int piece = 1; piece < text.length(); piece++) {
      RecordedRun again = new RecordedRun();
      LineIntake intake = new LineIntake(again.gathering());
      byte[] bytes = text.getBytes(UTF_8);
      for (int i = 0; i < bytes.length; i += piece) {
        intake.take(bytes, i, Math.min(piece, bytes.length - i));
      }
      intake.end();
      assertEquals(whole, again.text(), "pieces of " + piece);
      assertEquals(2, again.rejected(), "pieces of " + piece);
    }
  }

  @Test
  void survivesGarbage() {
    Random random = new Random(7);
    byte[] garbage = new byte[1 << 20];
    random.nextBytes(garbage);
    take(garbage, 4096);
    assertTrue(run.rejected() > 1000, "rejected " + run.rejected());
  }

  @Test
  void takesBackWhatTheWriterWrote() {
    String nasty = "a b,c=d\\e\"f\ng\\";
    RecordedRun written = new RecordedRun();
    written.gathering().lines().line(nasty).tag(nasty, nasty).field(nasty, nasty).end(1);
    assertEquals(written.text(), take(written.text()));
    assertEquals(1, run.records());
  }
}
