package dev.troupe.store.internal.s3;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Against the examples of the Amazon S3 API Reference, "Signature Calculations for the
 * Authorization Header: Transferring Payload in a Single Chunk".
 */
class SignatureV4Test {

  private static final Credentials EXAMPLE =
      new Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "GET | /test.txt | - | - | range | bytes=0-9 | - | f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        "PUT | /test$file.text | - | - | x-amz-storage-class | REDUCED_REDUNDANCY | 44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072 | 98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        "GET | / | lifecycle | '' | - | - | - | fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        "GET | / | max-keys,prefix | 2,J | - | - | - | 34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
      })
  void signsAsThePublishedExamples(
      String method,
      String path,
      String queryNames,
      String queryValues,
      String header,
      String value,
      String payload,
      String signature) {
    TreeMap<String, String> query = new TreeMap<>();
    if (queryNames != null) {
      String[] values = queryValues.split(",", -1);
      for (String name : queryNames.split(",", -1)) {
        query.put(name, values[query.size()]);
      }
    }
    TreeMap<String, String> headers = new TreeMap<>();
    if (header != null) {
      headers.put(header, value);
    }
    if (method.equals("PUT")) {
      headers.put("date", "Fri, 24 May 2013 00:00:00 GMT");
    }

    Map<String, String> signed =
        SignatureV4.sign(
            method,
            "examplebucket.s3.amazonaws.com",
            SignatureV4.encode(path, "/"),
            query,
            headers,
            payload == null ? SignatureV4.EMPTY_SHA256 : payload,
            "us-east-1",
            EXAMPLE,
            Instant.parse("2013-05-24T00:00:00Z"));

    assertThat(signed.get("authorization"))
        .startsWith("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4")
        .endsWith("Signature=" + signature);
    assertThat(EXAMPLE.toString()).doesNotContain("EXAMPLE");
  }
}
