package io.pifleet.agent.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class LineWriterTest {
  private final RecordedRun run = new RecordedRun();
  private final LineWriter lines = run.gathering().lines();

  @Test
  void writesEveryTypeOfField() {
    lines
        .line("m")
        .tag("k", "v")
        .field("int", -12L)
        .field("float", 48.312)
        .field("whole", 100.0)
        .field("flag", true)
        .field("text", "on")
        .end(1_700_000_000_000_000_000L);
    assertEquals(
        "m,k=v int=-12i,float=48.312,whole=100,flag=true,text=\"on\" 1700000000000000000\n",
        run.text());
  }

  @Test
  void writesTheLimitsOfIntegers() {
    lines
        .line("m")
        .field("min", Long.MIN_VALUE)
        .field("max", Long.MAX_VALUE)
        .field("zero", 0)
        .field("ten", 10)
        .field("e18", 1_000_000_000_000_000_000L)
        .end(-1);
    assertEquals(
        "m min=-9223372036854775808i,max=9223372036854775807i,zero=0i,ten=10i,"
            + "e18=1000000000000000000i -1\n",
        run.text());
  }

  @Test
  void escapesWhatHasAMeaningInNames() {
    lines.line("a b,c=d").tag("k ,=", "v ,=").field("f ,=", 1L).end(0);
    assertEquals("a\\ b\\,c=d,k\\ \\,\\==v\\ \\,\\= f\\ \\,\\==1i 0\n", run.text());
  }

  @Test
  void escapesQuotesAndBackslashesInStrings() {
    lines.line("m").field("s", "say \"C:\\dir\", a=b").end(0);
    assertEquals("m s=\"say \\\"C:\\\\dir\\\", a=b\" 0\n", run.text());
  }

  @Test
  void keepsOneLinePerRecordWhateverTheText() {
    lines.line("m\n").tag("k", "a\tb\r").field("s", "x\ny").end(0);
    assertEquals("m\\n,k=a\\tb\\r s=\"x\\ny\" 0\n", run.text());
  }

  @Test
  void leavesOutABackslashThatWouldEscapeTheSeparator() {
    lines.line("m").tag("path", "C:\\").tag("only", "\\").field("f", 1L).end(0);
    assertEquals("m,path=C:,only=_ f=1i 0\n", run.text());
  }

  @Test
  void writesUtf8OfEveryLength() {
    lines.line("m").tag("k", "é€😀\ud800!").field("f", 1L).end(0);
    assertEquals("m,k=é€😀?! f=1i 0\n", run.text());
  }

  @Test
  void leavesOutWhatTheProtocolHasNoFormFor() {
    lines
        .line("m")
        .tag("empty", "")
        .field("nan", Double.NaN)
        .field("inf", Double.NEGATIVE_INFINITY)
        .field("f", 0.5)
        .end(0);
    lines.line("nothing").field("nan", Double.NaN).end(0);
    assertEquals("m f=0.5 0\n", run.text());
    assertEquals(1, run.records());
  }

  @Test
  void refusesNamesThatAreNone() {
    assertThrows(IllegalArgumentException.class, () -> lines.line(""));
    assertThrows(IllegalArgumentException.class, () -> lines.line("#c"));
    assertThrows(IllegalArgumentException.class, () -> lines.line("m").tag("", "v"));
    assertThrows(IllegalStateException.class, () -> lines.line("m").field("f", 1L).tag("k", "v"));
  }

  @Test
  void dropsARecordThatWasNotEnded() {
    lines.line("half").field("f", 1L);
    lines.line("whole").field("f", 2L).end(0);
    lines.line("half").field("f", 3L);
    assertEquals("whole f=2i 0\n", run.text());
  }

  @Test
  void leavesOutAndReportsALineThatIsTooLong() {
    lines.line("long").field("s", "x".repeat(LineWriter.MAX_LINE_BYTES)).field("g", 2L).end(0);
    lines.line("short").field("f", 1L).end(0);
    assertEquals("short f=1i 0\n", run.text());
    assertEquals(1, run.rejected());
    assertTrue(
        run.problem().contains("a record of \"long\" is longer than 65536 bytes"), run.problem());
  }

  @Test
  void handsOverBatchesThatHoldWholeRecords() {
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 10_000; i++) {
      lines.line("m").field("i", i).end(i);
      expected.append("m i=").append(i).append("i ").append(i).append('\n');
    }
    assertEquals(expected.toString(), run.text());
    assertEquals(10_000, run.records());
  }
}
