package dev.troupe.store.internal.s3;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** Reads the small XML documents that S3 answers with. */
final class Xml {

  private Xml() {}

  /** The text of the first element of a name; empty if there is none, or if it is no XML. */
  static String first(byte[] document, String name) {
    try {
      List<Map<String, String>> found = all(document, null);
      return found.isEmpty() ? "" : found.get(0).getOrDefault(name, "");
    } catch (XMLStreamException e) {
      return "";
    }
  }

  /**
   * The elements of a name, each as the texts of what is in it, by name.
   *
   * @param name null for the document as one
   */
  static List<Map<String, String>> all(byte[] document, String name) throws XMLStreamException {
    XMLInputFactory factory = XMLInputFactory.newInstance();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    XMLStreamReader reader = factory.createXMLStreamReader(new ByteArrayInputStream(document));
    List<Map<String, String>> found = new ArrayList<>();
    Map<String, String> current = name == null ? new LinkedHashMap<>() : null;
    StringBuilder text = new StringBuilder();
    while (reader.hasNext()) {
      switch (reader.next()) {
        case XMLStreamConstants.START_ELEMENT -> {
          text.setLength(0);
          if (reader.getLocalName().equals(name)) {
            current = new LinkedHashMap<>();
          }
        }
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA ->
            text.append(reader.getText());
        case XMLStreamConstants.END_ELEMENT -> {
          if (reader.getLocalName().equals(name)) {
            found.add(current);
            current = null;
          } else if (current != null) {
            current.putIfAbsent(reader.getLocalName(), text.toString());
          }
          text.setLength(0);
        }
        default -> {}
      }
    }
    if (name == null) {
      found.add(current);
    }
    return found;
  }
}
