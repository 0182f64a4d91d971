package dev.troupe.store.internal.s3;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A request to a bucket.
 *
 * @param key of the object, without the store's prefix; null for the bucket itself
 * @param query not encoded
 * @param headers names in lower case
 */
record S3Request(
    String method,
    String key,
    SortedMap<String, String> query,
    Map<String, String> headers,
    Body body) {

  static S3Request of(String method, String key) {
    return new S3Request(method, key, new TreeMap<>(), Map.of(), Body.NONE);
  }

  S3Request with(String name, String value) {
    SortedMap<String, String> more = new TreeMap<>(query);
    more.put(name, value);
    return new S3Request(method, key, more, headers, body);
  }

  S3Request header(String name, String value) {
    Map<String, String> more = new TreeMap<>(headers);
    more.put(name, value);
    return new S3Request(method, key, query, more, body);
  }

  S3Request body(Body content) {
    return new S3Request(method, key, query, headers, content);
  }
}
