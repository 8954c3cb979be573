extension Phrasebook {
    /// What the registry of schemas refuses. What a schema itself has wrong, in its own grammar's words, stays English.
    static let registry = #"""
        schema {} cannot be used by this version of the broker ({}); its steward registers a mended version
          phiên bản máy chủ này không dùng được lược đồ {} ({}); cơ quan chủ quản cần đăng ký bản đã sửa
        an id is chosen in mode IMPORT only, and subject “{}” is in mode READWRITE
          chỉ được chọn mã ở chế độ IMPORT, trong khi “{}” đang ở chế độ READWRITE
        subject “{}” is in mode IMPORT, in which a schema comes with its id
          “{}” đang ở chế độ IMPORT, lược đồ phải kèm mã
        id {} is that of another schema
          mã {} là của lược đồ khác
        schema {} is registered without leave for backtracking patterns
          lược đồ {} đã đăng ký mà không cho phép mẫu quay lui
        every id is given away
          đã cấp hết mã
        its version is {}, and the next one is {}
          phiên bản ghi là {}, phiên bản kế tiếp phải là {}
        version {} of subject “{}” is another schema
          phiên bản {} của “{}” là lược đồ khác
        the registry keeps at most {} schemas
          sổ đăng ký giữ nhiều nhất {} lược đồ
        the schemas of the registry have at most {} bytes together
          các lược đồ trong sổ đăng ký có tổng cộng nhiều nhất {} byte
        the code lists that schemas name have at most {} codes together, counted for each schema
          các danh mục mã mà mọi lược đồ dùng có tổng cộng nhiều nhất {} mã, tính cho từng lược đồ
        a subject has at most {} versions; delete old ones for good
          mỗi tên đăng ký có nhiều nhất {} phiên bản; hãy xóa hẳn các phiên bản cũ
        the registry keeps at most {} subjects
          sổ đăng ký giữ nhiều nhất {} tên đăng ký
        a subject's name has 1 to {} bytes
          tên đăng ký dài từ 1 đến {} byte
        a subject's name has no control characters
          tên đăng ký không được có ký tự điều khiển
        contexts (“:.name:subject”) are not kept by this registry
          sổ đăng ký này không có ngữ cảnh (“:.name:subject”)
        names that begin with “_” are the broker's own
          tên bắt đầu bằng “_” là của riêng máy chủ
        “{}” says in {} that a topic has no schema, so it cannot be a subject
          “{}” trong {} có nghĩa là chủ đề không có lược đồ, nên không thể làm tên đăng ký
        subject “{}” is in read-only mode
          “{}” đang ở chế độ chỉ đọc
        schemas of subject “{}” are changed by stewards of the agency that owns it, by operators, and by those who may administer its topic
          lược đồ của “{}” do steward của cơ quan chủ quản, operator và người có quyền quản trị chủ đề sửa
        subject “{}” is for those who may describe its topic, and for the agency that owns it
          “{}” chỉ dành cho người được xem chủ đề và cơ quan chủ quản
        schema {} is for those who may describe a topic that it belongs to
          lược đồ {} chỉ dành cho người được xem một chủ đề dùng nó
        there is no subject “{}”
          không có tên đăng ký “{}”
        the subject has no version {}
          tên đăng ký không có phiên bản {}
        the subject has no such schema
          tên đăng ký không có lược đồ này
        there is no schema {}
          không có lược đồ {}
        subject “{}” was deleted softly; permanent=true deletes it for good
          “{}” đã được xóa tạm; permanent=true để xóa hẳn
        subject “{}” is in use; delete it without permanent=true first
          “{}” đang được dùng; hãy xóa tạm (không có permanent=true) trước
        version {} of subject “{}” was deleted softly; permanent=true deletes it for good
          phiên bản {} của “{}” đã được xóa tạm; permanent=true để xóa hẳn
        version {} of subject “{}” is in use; delete it without permanent=true first
          phiên bản {} của “{}” đang được dùng; hãy xóa tạm (không có permanent=true) trước
        subject “{}” has no compatibility level of its own; defaultToGlobal=true answers the one that holds
          “{}” không có mức tương thích riêng; defaultToGlobal=true để biết mức đang áp dụng
        subject “{}” has no mode of its own; defaultToGlobal=true answers the one that holds
          “{}” không có chế độ riêng; defaultToGlobal=true để biết chế độ đang áp dụng
        the schema is not compatible ({}) with an earlier version of subject “{}”: {}
          lược đồ không tương thích ({}) với một phiên bản trước của “{}”: {}
        the schema is not valid: {}
          lược đồ không hợp lệ: {}
        schemaType is one of {}
          schemaType là một trong {}
        “{}” is not a version: it is a number from 1 to 2147483647, or “latest”
          “{}” không phải là phiên bản: phải là số từ 1 đến 2147483647, hoặc “latest”
        a compatibility level is one of {}
          mức tương thích là một trong {}
        a mode is one of {}
          chế độ là một trong {}
        {} is referred to by schema {}; delete what refers to it first
          {} đang được lược đồ {} tham chiếu; hãy xóa lược đồ tham chiếu trước
        “{}” would be both {} and {}; refer to one of them everywhere
          “{}” vừa là {} vừa là {}; hãy tham chiếu thống nhất một bản
        a schema refers to at most {} others, directly or not
          một lược đồ tham chiếu nhiều nhất {} lược đồ khác, trực tiếp hoặc gián tiếp
        “{}” refers to {}, which is not registered; register it first
          “{}” tham chiếu {} chưa được đăng ký; hãy đăng ký trước
        “{}” refers to {}, which is {} and not {}
          “{}” tham chiếu {} có kiểu {} chứ không phải {}
        the code lists that a schema names have at most {} codes together
          các danh mục mã mà một lược đồ dùng có tổng cộng nhiều nhất {} mã
        a schema and all that it refers to have at most {} bytes
          một lược đồ cùng mọi lược đồ nó tham chiếu có tổng cộng nhiều nhất {} byte
        it refers to {} others; at most {}
          nó tham chiếu {} lược đồ khác; nhiều nhất {}
        “{}” refers to the latest version of “{}”, which has none
          “{}” tham chiếu phiên bản mới nhất của “{}”, nhưng chưa có phiên bản nào
        a schema of {} cannot be registered now: {}
          hiện chưa đăng ký được lược đồ của {}: {}
        the registry takes no more schemas of what subscribers see
          sổ đăng ký không nhận thêm lược đồ của phần mà bên nhận được xem
        whoever needs another one gets KAFKA_STORAGE_ERROR and stays where it is
          ai cần thêm một lược đồ nữa thì nhận KAFKA_STORAGE_ERROR và giữ nguyên vị trí đọc
        """#
}
