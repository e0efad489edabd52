import { describe, expect, it } from "vitest";
import { inKorean } from "./reasons";

describe("why a transport ended, in Korean", () => {
  it("has a sentence for each reason that a transport says", () => {
    expect(inKorean("the server closed the connection")).toBe("서버가 연결을 닫았습니다");
  });

  it("keeps numbers, codes and what somebody else said in their own words", () => {
    expect(inKorean("nothing came for 45 seconds")).toBe("45초 동안 아무것도 오지 않았습니다");
    expect(inKorean("the server closed it (1009 $1 too big)")).toBe(
      "서버가 연결을 닫았습니다 (1009 $1 too big)",
    );
    expect(inKorean("the handshake failed: xhr poll error")).toBe(
      "핸드셰이크가 실패했습니다: xhr poll error",
    );
  });

  it("shows what it does not know as it was said", () => {
    expect(inKorean("something else")).toBe("something else");
    expect(inKorean("toString")).toBe("toString");
  });
});
