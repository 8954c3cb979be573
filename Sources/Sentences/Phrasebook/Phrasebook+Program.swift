extension Phrasebook {
    /// What the program's own parts say of a peer, a file or a value, as the middle of one of the catalogue's sentences.
    static let program = #"""
        no address of that name
          không tìm thấy địa chỉ nào của tên máy này
        the connection is closed
          kết nối đã đóng
        the broker ended the connection
          máy chủ đã đóng kết nối
        a frame of {} bytes
          một khung {} byte
        a produce answer without the partition
          câu trả lời không có phân vùng đã gửi
        an answer ({}) to no request
          câu trả lời ({}) không ứng với yêu cầu nào
        the answer to request {} where that to {} is due
          câu trả lời cho yêu cầu {} ở chỗ lẽ ra cho {}
        the checksum of a batch of {}-{} at {}
          mã kiểm tra của một lô thuộc {}-{} tại vị trí {}
        a word
          một từ
        a single value
          một giá trị đơn
        a whole number
          một số nguyên
        “{}” is missing
          thiếu “{}”
        it is not a mapping
          không có dạng tên: giá trị
        “{}” is not one of {}
          “{}” không phải là một trong {}
        … record batch header
          phần đầu lô bản ghi
        expected {} bytes, {} are left
          cần {} byte, chỉ còn {}
        expected a length, found {}
          cần một độ dài, gặp {}
        null is not allowed in this version
          phiên bản này không nhận giá trị rỗng
        {} is above the limit of {}
          {} vượt giới hạn {}
        expected UTF-8 text
          cần văn bản UTF-8
        a variable-length integer does not end
          số nguyên độ dài biến đổi không kết thúc
        tagged field {} is repeated or out of order
          trường gắn nhãn {} bị lặp hoặc sai thứ tự
        a tagged field declared {} bytes and has {}
          trường gắn nhãn khai {} byte nhưng có {}
        {} bytes are left after the message
          còn {} byte sau bản tin
        version {} is not supported
          không hỗ trợ phiên bản {}
        the value {} is not allowed
          không nhận giá trị {}
        """#

    /// What the argument parser says of a command line, and its headings of a help page. It speaks English only and takes no words
    /// of ours for these; its public interface gives them as text.
    static let parser = #"""
        Unknown option '{}'. Did you mean '{}'?
          Không có tùy chọn “{}”. Có phải ý bạn là “{}”?
        Unknown option '{}'
          Không có tùy chọn “{}”
        Missing value for '{}'
          Thiếu giá trị cho “{}”
        The option '{}' does not take any value, but '{}' was specified.
          Tùy chọn “{}” không nhận giá trị, nhưng lệnh ghi “{}”.
        Unexpected argument '{}'
          Thừa đối số “{}”
        There is no command '{}'
          Không có lệnh “{}”
        {} unexpected arguments: '{}'
          Thừa {} đối số: '{}'
        Missing expected argument '{}'
          Thiếu đối số “{}”
        Missing one of: '{}'
          Thiếu một trong: “{}”
        The value '{}' is invalid for '{}': {}
          Giá trị “{}” không hợp lệ cho “{}”: {}
        The value '{}' is invalid for '{}'. Please provide one of '{}' and '{}'.
          Giá trị “{}” không hợp lệ cho “{}”. Hãy chọn {} hoặc {}.
        The value '{}' is invalid for '{}'. Please provide one of '{}', '{}' or '{}'.
          Giá trị “{}” không hợp lệ cho “{}”. Hãy chọn {}, {} hoặc {}.
        The value '{}' is invalid for '{}'. Please provide one of '{}', '{}', '{}' or '{}'.
          Giá trị “{}” không hợp lệ cho “{}”. Hãy chọn {}, {}, {} hoặc {}.
        The value '{}' is invalid for '{}'. Please provide one of '{}', '{}', '{}', '{}' or '{}'.
          Giá trị “{}” không hợp lệ cho “{}”. Hãy chọn {}, {}, {}, {} hoặc {}.
        The value '{}' is invalid for '{}'. Please provide one of the following:
          Giá trị “{}” không hợp lệ cho “{}”. Hãy chọn một trong các giá trị sau:
        The value '{}' is invalid for '{}'
          Giá trị “{}” không hợp lệ cho “{}”
        Missing required subcommand.
          Thiếu lệnh con.
        """#
}
